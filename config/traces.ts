import { WinnowError } from "../core/base/errors.ts";
import type { TraceSettings } from "../core/base/otlp.ts";

/**
 * The collector that OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names, or OTEL_EXPORTER_OTLP_ENDPOINT with `/v1/traces` added;
 * null where neither is set, or OTEL_SDK_DISABLED is `true`: then nothing leaves the machine. OTEL_EXPORTER_OTLP_HEADERS
 * and OTEL_SERVICE_NAME (default `winnow`) hold as well. `env` is what the two readers of the environment give. Throws
 * BadInput.
 */
export function traceSettings(env: Record<string, string | undefined>): TraceSettings | null {
  const whole = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if ((!whole && !base) || env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return null;
  const name = whole ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_ENDPOINT";
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol === "grpc")
    throw new WinnowError(
      "BadInput",
      `The OTLP protocol is set to grpc, and Winnow sends HTTP: unset it, and give ${name} the collector's HTTP port (4318 by default)`,
    );
  return {
    url: whole ? httpUrl(name, whole) : `${httpUrl(name, base!).replace(/\/+$/, "")}/v1/traces`,
    headers: parseHeaders(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS || env.OTEL_EXPORTER_OTLP_HEADERS || ""),
    service: env.OTEL_SERVICE_NAME || "winnow",
  };
}

function httpUrl(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url.href;
  // The value may hold a password.
  throw new WinnowError(
    "BadInput",
    `${name} is no HTTP address: give http://HOST:4318; a key goes into OTEL_EXPORTER_OTLP_HEADERS`,
  );
}

/** `name=value,name=value`, percent-encoded. */
function parseHeaders(text: string): Record<string, string> {
  const pairs = text.split(",").filter((pair) => pair.trim() !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      try {
        if (at > 0) return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
      } catch {
        // Told below, like a pair without a sign.
      }
      throw new WinnowError("BadInput", "OTEL_EXPORTER_OTLP_HEADERS: give name=value,name=value, percent-encoded");
    }),
  );
}
