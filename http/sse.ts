import type { Context } from "hono";
import { z } from "zod";
import type { Env } from "./protocol.ts";

/** One event of a stream. Without a name it is a message. */
export interface ServerEvent {
  event?: string;
  /** One line. */
  data: string;
}

/** One event of a stream, for its description. */
export const eventSchema = z.object({
  event: z.string().optional(),
  data: z.string().describe("JSON, but for the mark at the end of some streams."),
}) satisfies z.ZodType<ServerEvent>;

/** Proxies end connections on which nothing is sent for a minute or less. */
const BEAT_MS = 15_000;

/** Headers by which nothing on the way holds a stream back. */
export const UNBUFFERED = { "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no" };

/**
 * A response of server-sent events. Nothing on the way may hold them back, so that they arrive as they are sent. A
 * comment every 15 s keeps the connection open. `leave` is called when the client has gone. `events` must not throw.
 */
export function eventStream(c: Context<Env>, events: AsyncIterable<ServerEvent>, leave: () => void): Response {
  const encoder = new TextEncoder();
  let beat: NodeJS.Timeout | undefined;
  let gone = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => {
        if (!gone) controller.enqueue(encoder.encode(text));
      };
      beat = setInterval(send, BEAT_MS, ":\n\n");
      void sendAll(events, send).finally(() => {
        clearInterval(beat);
        if (!gone) controller.close();
      });
    },
    cancel() {
      gone = true;
      clearInterval(beat);
      leave();
    },
  });
  c.header("Content-Type", "text/event-stream; charset=utf-8");
  for (const [name, value] of Object.entries(UNBUFFERED)) c.header(name, value);
  return c.body(body);
}

async function sendAll(events: AsyncIterable<ServerEvent>, send: (text: string) => void): Promise<void> {
  for await (const { event, data } of events) send(`${event ? `event: ${event}\n` : ""}data: ${data}\n\n`);
}
