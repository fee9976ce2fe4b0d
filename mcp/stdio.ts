import type { Readable, Writable } from "node:stream";
import type { McpServerFactory } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";

export interface StdioOptions {
  input: Readable;
  /** Takes the protocol alone, one message a line. */
  output: Writable;
  /** Ends the connection. */
  stop: AbortSignal;
  /** Receives what is wrong with the connection or with a message. */
  onError(error: Error): void;
}

/**
 * Serves one client on a pair of streams, until `input` ends, `output` fails or `stop` aborts. Calls in progress are
 * aborted then.
 */
export async function serveStreams(
  servers: McpServerFactory,
  { input, output, stop, onError }: StdioOptions,
): Promise<void> {
  const transport = new StdioServerTransport(input, output);
  const connection = serveStdio(servers, { transport, onerror: onError });
  const teardown = transport.onclose;
  const ended = new Promise<void>((settle) => {
    transport.onclose = () => {
      teardown?.();
      settle();
    };
  });
  const end = () => void connection.close();
  if (stop.aborted) end();
  stop.addEventListener("abort", end, { once: true });
  await ended;
  stop.removeEventListener("abort", end);
}
