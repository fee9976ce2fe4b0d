import type { TraceSettings } from "../../core/base/otlp.ts";
import { flag, refused, text, withoutPassword } from "../kinds.ts";
import { type Group, type Kind, type Reading, setting } from "../schema.ts";

const collector: Kind<string> = {
  type: "URL",
  parse(given, name) {
    const url = URL.canParse(given) ? new URL(given) : null;
    if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url.href;
    // The value may hold a password.
    throw refused(`${name} is no HTTP address: give http://HOST:4318; a key goes into OTEL_EXPORTER_OTLP_HEADERS`);
  },
  show: withoutPassword,
};

const headers: Kind<Record<string, string>> = {
  type: "`name=value,...`, percent-encoded",
  parse: (given, name) =>
    Object.fromEntries(
      given
        .split(",")
        .filter((pair) => pair.trim() !== "")
        .map((pair) => parsePair(pair, name)),
    ),
  show: (value) => Object.keys(value).join(","),
};

function parsePair(pair: string, name: string): [string, string] {
  const at = pair.indexOf("=");
  try {
    if (at > 0) return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
  } catch {
    // Handled below, like a pair without `=`.
  }
  throw refused(`${name}: give name=value,name=value, percent-encoded`);
}

const ENDPOINT = setting({
  name: "OTEL_EXPORTER_OTLP_ENDPOINT",
  kind: collector,
  default: "none: nothing is sent",
  help: "OpenTelemetry collector, by HTTP, such as `http://HOST:4318`. Traces go to `/v1/traces` below it.",
  readBy: ["workers", "cli"],
});

const TRACES_ENDPOINT = setting({
  name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  kind: collector,
  default: "`/v1/traces` below `OTEL_EXPORTER_OTLP_ENDPOINT`",
  help: "Whole address that traces are sent to.",
  readBy: ["workers", "cli"],
});

const HEADERS = setting({
  name: "OTEL_EXPORTER_OTLP_HEADERS",
  kind: headers,
  default: "none",
  help: "Headers of every request to the collector, such as its key.",
  secret: true,
  readBy: ["workers", "cli"],
  fallback: () => ({}),
});

const TRACES_HEADERS = setting({
  name: "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  kind: headers,
  default: "the value of `OTEL_EXPORTER_OTLP_HEADERS`",
  help: "Headers of requests with traces.",
  secret: true,
  readBy: ["workers", "cli"],
  after: [HEADERS],
  fallback: ({ get }) => get(HEADERS),
});

const PROTOCOL = setting({
  name: "OTEL_EXPORTER_OTLP_PROTOCOL",
  kind: text,
  default: "HTTP",
  help: "Protocol of the collector. Winnow sends HTTP, so `grpc` is refused.",
  readBy: ["workers", "cli"],
});

const TRACES_PROTOCOL = setting({
  name: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
  kind: text,
  default: "the value of `OTEL_EXPORTER_OTLP_PROTOCOL`",
  help: "Protocol of traces.",
  readBy: ["workers", "cli"],
  after: [PROTOCOL],
  fallback: ({ get }) => get(PROTOCOL),
});

const SERVICE_NAME = setting({
  name: "OTEL_SERVICE_NAME",
  kind: text,
  default: "`winnow`",
  help: "Name of the service in traces.",
  readBy: ["workers", "cli"],
  fallback: () => "winnow",
});

const DISABLED = setting({
  name: "OTEL_SDK_DISABLED",
  kind: flag,
  default: "`false`",
  help: "With `true` nothing is sent, whatever the other settings are.",
  readBy: ["workers", "cli"],
  fallback: () => false,
});

export const TRACING: Group = {
  title: "Traces",
  about: "OpenTelemetry's own variables. Nothing leaves the machine unless an endpoint is set.",
  settings: [ENDPOINT, TRACES_ENDPOINT, HEADERS, TRACES_HEADERS, PROTOCOL, TRACES_PROTOCOL, SERVICE_NAME, DISABLED],
};

/** Returns the trace collector, or null if none is named or the SDK is disabled. Throws BadInput. */
export function readTraces({ text: textOf, get }: Reading): TraceSettings | null {
  const named = [TRACES_ENDPOINT, ENDPOINT].find((each) => textOf(each) !== undefined);
  if (!named || get(DISABLED)) return null;
  if (get(TRACES_PROTOCOL) === "grpc")
    throw refused(
      `The OTLP protocol is set to grpc, and Winnow sends HTTP: unset it, and give ${named.name} the collector's HTTP port (4318 by default)`,
    );
  const url = get(named)!;
  return {
    url: named === TRACES_ENDPOINT ? url : `${url.replace(/\/+$/, "")}/v1/traces`,
    headers: get(TRACES_HEADERS),
    service: get(SERVICE_NAME),
  };
}
