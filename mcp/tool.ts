import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import type { z } from "zod";
import { safeJson } from "../core/base/controls.ts";
import { toolFailure } from "./failure.ts";

/** What a tool knows of the call it serves. */
export interface Call {
  /** Aborts when the client cancels the call or leaves. */
  signal: AbortSignal;
  /** Reports progress to a client that asked for it; otherwise does nothing. */
  progress(message: string): void;
}

/** A tool for agents. All of them only read. */
export interface AgentTool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  name: string;
  title: string;
  /** When to use it and when not, for the model. */
  description: string;
  input: I;
  output: O;
  /** Throws named errors, which the model gets as a tool's error with the next step. */
  run(input: z.infer<I>, call: Call): Promise<z.infer<O>>;
}

/** How failures are told. */
export interface Failing {
  /** Shows callers causes that may name addresses and folders of this machine. */
  causes: boolean;
  /** Receives what callers are not told, with the header `X-Request-Id` of a request over HTTP. */
  onFailure?(thrown: unknown, requestId?: string): void;
}

const ANNOTATIONS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

/**
 * Adds a tool to a server. Its result is sent as `structuredContent`, and the same as JSON in the text: some clients
 * show the model only the one, some only the other.
 */
export function addTool<I extends z.ZodObject, O extends z.ZodObject>(
  server: McpServer,
  { name, title, description, input, output, run }: AgentTool<I, O>,
  { causes, onFailure = () => {} }: Failing,
): void {
  const config = { title, description, inputSchema: input as z.ZodObject, outputSchema: output as z.ZodObject };
  server.registerTool(name, { ...config, annotations: { title, ...ANNOTATIONS } }, async (given, context) => {
    try {
      const value = await run(given as z.infer<I>, callOf(context));
      return { content: [{ type: "text", text: safeJson(value) }], structuredContent: value };
    } catch (thrown) {
      const { result, hidden } = toolFailure(thrown, { causes });
      if (hidden && !context.mcpReq.signal.aborted) onFailure(thrown);
      return result;
    }
  });
}

function callOf({ mcpReq }: ServerContext): Call {
  const token = mcpReq._meta?.progressToken;
  let progress = 0;
  return {
    signal: mcpReq.signal,
    progress(message) {
      if (token === undefined || mcpReq.signal.aborted) return;
      const params = { progressToken: token, progress: ++progress, message };
      // A client that has left needs no progress.
      mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
    },
  };
}
