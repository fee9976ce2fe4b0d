/** Who may use the server, and how much of it. */
export interface Access {
  /** Host names of requests, besides those of loopback, without ports: `docs.example.com`. */
  allowedHosts: readonly string[];
  /** Origins of other sites whose pages may call the API: `https://docs.example.com`. */
  origins: readonly string[];
  /** Bearer tokens; without any, none is asked for. */
  tokens: readonly string[];
  /** Tokens that may only ask, read passages and vote: pages of docs sites show them to every reader. Default: none. */
  askTokens?: readonly string[];
  /** Requests a minute for one token. */
  ratePerMinute: number;
  /** Questions, searches and rerankings under way at once; one more is refused. */
  questionsAtOnce: number;
}

/** Names of this machine for itself. */
export const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "::1"];

/** The name in a `Host` header or an authority, in lower case, without port and brackets; null if it is none. */
export function hostName(authority: string): string | null {
  if (!/^[\w.\-:[\]]+$/.test(authority) || !URL.canParse(`http://${authority}/`)) return null;
  return new URL(`http://${authority}/`).hostname.replace(/^\[|\]$|\.$/g, "");
}
