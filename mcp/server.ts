import { McpServer, type McpServerFactory } from "@modelcontextprotocol/server";
import type { Doors } from "../client/doors.ts";
import { askTool } from "./ask.ts";
import { fetchTool } from "./fetch.ts";
import { instructionsFor } from "./instructions.ts";
import { searchTool } from "./search.ts";
import { statusTool } from "./status.ts";
import { addTool, type Failing } from "./tool.ts";

export interface AgentOptions extends Failing {
  doors: Doors;
  /** Version that clients see. */
  version: string;
  /** Milliseconds after which `ask` quotes passages instead of a late answer; default 55 s. */
  deadlineMs?: number;
  /** The only corpus that instructions and `status` name, and the one asked if none is given. */
  corpus?: string;
}

/** The champions change rarely, and every request over HTTP has a server of its own. */
const INSTRUCTIONS_MS = 10_000;

/**
 * Makes servers with the tools `search`, `fetch`, `ask` and `status`: one a connection or request, of either protocol
 * era.
 *
 * @example
 * const handler = createMcpHandler(agentServers({ doors, version: "0.1.0", causes: false }));
 */
export function agentServers({ doors, version, deadlineMs, corpus, ...failing }: AgentOptions): McpServerFactory {
  const instructions = lately(INSTRUCTIONS_MS, async () => {
    const serving = await doors.serving().catch((thrown) => {
      failing.onFailure?.(thrown);
      return null;
    });
    return instructionsFor(serving?.filter((each) => corpus === undefined || each.corpus === corpus) ?? null);
  });
  return async ({ requestInfo }) => {
    const requestId = requestInfo?.headers.get("x-request-id") ?? undefined;
    const told = { ...failing, onFailure: (thrown: unknown) => failing.onFailure?.(thrown, requestId) };
    const identity = { name: "winnow", title: "Winnow", version };
    const server = new McpServer(identity, { instructions: await instructions() });
    addTool(server, searchTool(doors, corpus), told);
    addTool(server, fetchTool(doors, corpus), told);
    addTool(server, askTool(doors, { deadlineMs, usual: corpus }), told);
    addTool(server, statusTool(doors, corpus), told);
    return server;
  };
}

/** The result of `make`, made again once it is `ms` old. */
function lately<T>(ms: number, make: () => Promise<T>): () => Promise<T> {
  let made: { at: number; value: Promise<T> } | undefined;
  return () => {
    const now = performance.now();
    if (made === undefined || now - made.at > ms) made = { at: now, value: make() };
    return made.value;
  };
}
