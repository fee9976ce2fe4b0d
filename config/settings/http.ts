import { isIP } from "node:net";
import { address, listed, port, refused, text, whole } from "../kinds.ts";
import { type Group, type Kind, type Reader, type Reading, setting } from "../schema.ts";

/** Address, callers and limits of the API. */
export interface HttpSettings {
  /** Address to listen on. */
  host: string;
  /** Null for 8090 or the next free port. */
  port: number | null;
  allowedHosts: string[];
  origins: string[];
  tokens: string[];
  askTokens: string[];
  ratePerMinute: number;
  questionsAtOnce: number;
  /** Seconds that requests under way get to end when the process is stopped. */
  drainSeconds: number;
}

/** An answer may be followed for minutes, and each one keeps an LLM busy. */
const QUESTIONS_AT_ONCE = 32;
const RATE = 600;
const SHORTEST_TOKEN = 16;
const READ_BY: Reader[] = ["cli", "api"];

const hosts: Kind<string[]> = {
  type: "host names without ports, separated by commas",
  parse: (given, name) =>
    listed(given, ",").map((host) => {
      const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
      if (isIP(bare) || /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(bare)) return bare;
      throw refused(`${name} names ${JSON.stringify(host)}: give host names without scheme and port, with commas`);
    }),
  show: (value) => value.join(","),
};

const origins: Kind<string[]> = {
  type: "origins, separated by commas",
  parse: (given, name) =>
    listed(given, ",").map((origin) => {
      if (/^https?:[^*]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin) return origin;
      throw refused(`${name} names ${JSON.stringify(origin)}: give origins such as https://docs.example.com`);
    }),
  show: (value) => value.join(","),
};

const tokens: Kind<string[]> = {
  ...text,
  type: `texts of at least ${SHORTEST_TOKEN} characters, separated by commas`,
  parse(given, name) {
    const all = listed(given, ",");
    if (all.every((token) => token.length >= SHORTEST_TOKEN && /^[\w.~+/=-]+$/.test(token))) return all;
    throw refused(
      `${name}: a token has at least ${SHORTEST_TOKEN} letters, digits or any of . _ ~ + / = -; \`openssl rand -base64 24\` makes one`,
    );
  },
  show: () => "set",
};

export const HTTP_PORT = setting({
  name: "WINNOW_HTTP_PORT",
  kind: port,
  default: "8090, or the next free one",
  help: "Port of the API.",
  readBy: READ_BY,
});

export const HTTP_HOST = setting({
  name: "WINNOW_HTTP_HOST",
  kind: { ...text, type: "address" },
  default: "`127.0.0.1`",
  help: "Address that the API listens on. Any but loopback needs a token.",
  readBy: READ_BY,
  fallback: () => "127.0.0.1",
});

export const HTTP_ALLOWED_HOSTS = setting({
  name: "WINNOW_HTTP_ALLOWED_HOSTS",
  kind: hosts,
  default: "none",
  help: "Names by which callers reach the API, besides `localhost` and the address they connect to, such as that of a proxy or `host.docker.internal`.",
  readBy: READ_BY,
  fallback: () => [] as string[],
});

const ORIGINS = setting({
  name: "WINNOW_HTTP_ORIGINS",
  kind: origins,
  default: "none",
  help: "Origins of web pages that may call the API from a browser, such as `https://docs.example.com`.",
  readBy: READ_BY,
  fallback: () => [] as string[],
});

const TOKENS = setting({
  name: "WINNOW_HTTP_TOKENS",
  kind: tokens,
  default: "none: loopback needs none",
  help: "Tokens of the API's callers. With any set, each request needs one in the header `Authorization: Bearer TOKEN`.",
  secret: true,
  readBy: READ_BY,
  fallback: () => [] as string[],
});

const ASK_TOKENS = setting({
  name: "WINNOW_HTTP_ASK_TOKENS",
  kind: tokens,
  default: "none",
  help: "Tokens that may only ask, read passages and vote, for pages that show them to every reader. Needs `WINNOW_HTTP_TOKENS`, which open everything.",
  secret: true,
  readBy: READ_BY,
  fallback: () => [] as string[],
});

const RATE_PER_MINUTE = setting({
  name: "WINNOW_HTTP_RATE",
  kind: whole,
  default: `\`${RATE}\``,
  help: "Requests a minute for one token. Without tokens there is no such limit.",
  readBy: READ_BY,
  fallback: () => RATE,
});

const AT_ONCE = setting({
  name: "WINNOW_HTTP_QUESTIONS",
  kind: whole,
  default: `\`${QUESTIONS_AT_ONCE}\``,
  help: "Questions, searches and rerankings that one process of the API has under way at once. One more is refused.",
  readBy: READ_BY,
  fallback: () => QUESTIONS_AT_ONCE,
});

export const TEMPORAL_UI = setting({
  name: "WINNOW_TEMPORAL_UI",
  kind: address,
  default: "that of the server that `winnow up` started",
  help: "Address of Temporal's Web UI, to which the page of a run links.",
  readBy: ["api"],
});

const DRAIN_SECONDS = setting({
  name: "WINNOW_HTTP_DRAIN_SECONDS",
  kind: whole,
  default: "none: they are cancelled",
  help: "Seconds that answers under way get to end when a process of the API, `http/main.ts`, is stopped. A replica behind a proxy needs some.",
  readBy: ["api"],
  fallback: () => 0,
});

export const HTTP: Group = {
  title: "HTTP API",
  about: "Where `winnow up` and `winnow serve` serve the API, and for whom.",
  settings: [
    HTTP_PORT,
    HTTP_HOST,
    HTTP_ALLOWED_HOSTS,
    ORIGINS,
    TOKENS,
    ASK_TOKENS,
    RATE_PER_MINUTE,
    AT_ONCE,
    DRAIN_SECONDS,
    TEMPORAL_UI,
  ],
};

/**
 * Throws BadInput, also for an address that other machines reach while there is no token, and for tokens that only ask
 * without any for the rest or with one of those.
 */
export function readHttp({ get }: Reading): HttpSettings {
  const settings = {
    // Written with brackets in addresses, and without where it is listened on.
    host: get(HTTP_HOST).replace(/^\[|\]$/g, ""),
    port: get(HTTP_PORT),
    allowedHosts: get(HTTP_ALLOWED_HOSTS),
    origins: get(ORIGINS),
    tokens: get(TOKENS),
    askTokens: get(ASK_TOKENS),
    ratePerMinute: get(RATE_PER_MINUTE),
    questionsAtOnce: get(AT_ONCE),
    drainSeconds: get(DRAIN_SECONDS),
  };
  if (!isLoopback(settings.host) && settings.tokens.length === 0)
    throw refused(
      `The API would listen on ${settings.host}, which other machines may reach: set WINNOW_HTTP_TOKENS to a token for its callers. \`openssl rand -base64 24\` makes one.`,
    );
  if (settings.askTokens.length > 0 && settings.tokens.length === 0)
    throw refused("WINNOW_HTTP_ASK_TOKENS is set without WINNOW_HTTP_TOKENS: set those for the people who decide.");
  if (settings.askTokens.some((token) => settings.tokens.includes(token)))
    throw refused("WINNOW_HTTP_ASK_TOKENS and WINNOW_HTTP_TOKENS share a token, which could then do more than ask.");
  return settings;
}

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}
