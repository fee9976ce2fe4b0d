import type { Failure } from "./failure.ts";

const NOT_SERVERS: Record<number, string> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
};

/** The body of an error as OpenAI's clients read it. */
export function openaiError({ status, code, message }: Failure) {
  const type = NOT_SERVERS[status] ?? (status < 500 ? "invalid_request_error" : "server_error");
  const named: Record<string, string> = { ModelNotFound: "model_not_found", Unauthorized: "invalid_api_key" };
  const param = code === "ModelNotFound" ? "model" : null;
  return { error: { message, type, param, code: named[code] ?? code } };
}
