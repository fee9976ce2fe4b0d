import { packageVersion } from "../../config/packageVersion.ts";
import { agentEndpoint } from "../../mcp/http.ts";
import type { Protocol } from "../protocol.ts";
import { UNBUFFERED } from "../sse.ts";

const PATH = "/mcp";
/** JSON-RPC's code for an error of the server that is no error of the protocol. */
const SERVER_ERROR = -32_000;

/** Tools for agents: the Model Context Protocol over Streamable HTTP, without sessions. */
export const mcp: Protocol = {
  paths: [PATH],
  errorBody: ({ code, message }) => ({
    jsonrpc: "2.0",
    id: null,
    error: { code: SERVER_ERROR, message: `${code}: ${message}` },
  }),
  register(app, doors, { onFailure }) {
    const endpoint = (causes: boolean) =>
      agentEndpoint({
        ...{ doors, version: packageVersion(), causes },
        onFailure: (thrown, requestId = "") => onFailure(thrown, requestId),
      });
    const [open, withheld] = [endpoint(true), endpoint(false)];
    app.post(PATH, async (c) => {
      const headers = new Headers(c.req.raw.headers);
      headers.set("X-Request-Id", c.get("requestId"));
      const { url, signal } = c.req.raw;
      const request = new Request(url, { method: "POST", headers, body: await c.req.text(), signal });
      const { body, status, headers: own } = await (c.var.causes ? open : withheld).fetch(request);
      const response = new Response(body, { status, headers: own });
      if (own.get("Content-Type")?.startsWith("text/event-stream"))
        for (const [name, value] of Object.entries(UNBUFFERED)) response.headers.set(name, value);
      return response;
    });
  },
};
