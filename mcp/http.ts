import { createMcpHandler } from "@modelcontextprotocol/server";
import { type AgentOptions, agentServers } from "./server.ts";

/** Streams of one endpoint that only wait for changes of the tools, which never come. */
const MOST_SUBSCRIPTIONS = 16;
/** Every exchange ends by then: `ask` has its own deadline, and heartbeats keep alive whatever has none. */
const EXCHANGE_MS = 5 * 60_000;

/** The tools for agents as a web-standard handler. It checks neither Host nor Origin nor tokens: mount it behind guards. */
export interface AgentEndpoint {
  /** Aborting the request's signal, or cancelling the response's stream, cancels the call. */
  fetch(request: Request): Promise<Response>;
  /** Ends all exchanges. */
  close(): Promise<void>;
}

export function agentEndpoint(options: AgentOptions): AgentEndpoint {
  const { fetch, close } = createMcpHandler(agentServers(options), { maxSubscriptions: MOST_SUBSCRIPTIONS });
  return {
    fetch(request) {
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(EXCHANGE_MS)]);
      return fetch(new Request(request, { signal }));
    },
    close,
  };
}
