/** Asks at `POST /v1/ask`. The reply is one JSON, or events if `stream` is set. */
export function postAsk(
  url: string,
  question: { question: string; release?: string },
  { stream = false, signal }: { stream?: boolean; signal?: AbortSignal } = {},
): Promise<Response> {
  const accept = stream ? "text/event-stream" : "application/json";
  const headers = { "content-type": "application/json", accept };
  return fetch(`${url}/v1/ask`, { method: "POST", headers, body: JSON.stringify(question), signal });
}
