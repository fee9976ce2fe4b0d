import { setTimeout as wait } from "node:timers/promises";
import { beginningOf } from "../../base/bodyOf.ts";
import { messageOf, WinnowError } from "../../base/errors.ts";
import { retryAfter } from "../../base/retryAfter.ts";
import type { SitePolicy } from "./siteAddress.ts";

/** An answer after redirects. */
export interface Answer {
  url: URL;
  status: number;
  headers: Headers;
  body: Buffer;
}

/** A page that a visit did not get, though it may exist. */
export class Unanswered extends Error {}

/** A page whose redirect leads where robots.txt allows no visit. */
export class Disallowed extends Unanswered {}

export interface VisitOptions {
  maxBytes: number;
  headers?: Record<string, string>;
  /** Reads a larger body up to the limit instead of giving it up. */
  cut?: boolean;
  /** Whether robots.txt allows the target of a redirect. Default: all are followed. */
  allows?(url: URL): Promise<boolean>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const ANSWER_MS = 60_000;
const ATTEMPTS = 4;
const MAX_DELAY_MS = 60_000;
/** Longest wait that a host may ask for before its page is given up. */
const MAX_RETRY_MS = 120_000;

/** Asks listed hosts, one request at a time with a pause between them. */
export class Visitor {
  /** Requests sent so far. */
  requests = 0;
  private readonly delays = new Map<string, number>();

  constructor(
    private readonly policy: Pick<SitePolicy, "origins" | "pauseMs">,
    private readonly signal: AbortSignal,
  ) {}

  /** Slows down to the seconds between requests that a host asks for, at most a minute. */
  slowTo(origin: string, seconds: number): void {
    this.delays.set(origin, Math.min(seconds * 1000, MAX_DELAY_MS));
  }

  /** Throws BadSource if the operator does not allow the address. */
  permit(url: URL): void {
    if (this.isListed(url)) return;
    const { origins } = this.policy;
    const listed = origins.length > 0 ? `is not one of ${origins.join(", ")}` : "is not allowed, as no host is";
    throw new WinnowError("BadSource", `${url.origin} ${listed}. Add its host to WINNOW_SITE_HOSTS of the workers.`);
  }

  isListed(url: URL): boolean {
    return this.policy.origins.includes(url.origin) && url.username === "" && url.password === "";
  }

  /**
   * Gets an address. Follows redirects within listed hosts; asks again after 429, 5xx and broken connections. Throws
   * Unanswered if that does not help, Disallowed, BadSource, Cancelled.
   */
  async get(url: URL, options: VisitOptions): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      let why: string;
      let after: number | null = null;
      try {
        const answer = await this.follow(url, options);
        if (answer.status !== 429 && answer.status < 500) return answer;
        why = `it answered ${answer.status}`;
        after = retryAfter(answer.headers);
      } catch (error) {
        if (error instanceof WinnowError || error instanceof Unanswered) throw error;
        if (this.signal.aborted) throw cancelled();
        why = reasonOf(error);
      }
      if (attempt >= ATTEMPTS || (after ?? 0) > MAX_RETRY_MS)
        throw new Unanswered(after ? `${why} and asks to wait ${Math.ceil(after / 1000)} s` : why);
      await this.pause(after ?? this.policy.pauseMs * 2 ** (attempt - 1));
    }
  }

  private async follow(from: URL, options: VisitOptions): Promise<Answer> {
    let url = from;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      this.permit(url);
      const { answer, location } = await this.once(url, options);
      if (location === null) return answer;
      const to = URL.canParse(location, url) ? new URL(location, url) : null;
      if (!to || !this.isListed(to))
        throw new Unanswered(`it redirects to ${to ? placeOf(to) : "no address"}, which is not listed`);
      if (options.allows && !(await options.allows(to)))
        throw new Disallowed(`it redirects to ${to}, which robots.txt does not allow`);
      url = to;
    }
    throw new Unanswered(`it redirects more than ${MAX_REDIRECTS} times`);
  }

  private async once(url: URL, { maxBytes, headers, cut }: VisitOptions) {
    if (this.requests++ > 0) await this.pause(Math.max(this.policy.pauseMs, this.delays.get(url.origin) ?? 0));
    const stop = new AbortController();
    const cancel = () => stop.abort();
    const timer = setTimeout(() => stop.abort(new Error(`no whole answer in ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    this.signal.addEventListener("abort", cancel, { once: true });
    if (this.signal.aborted) cancel();
    try {
      const sent = {
        "user-agent": "winnow",
        accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
      };
      const response = await fetch(url, { redirect: "manual", signal: stop.signal, headers: { ...sent, ...headers } });
      const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
      const body = location === null ? await bodyOf(response, maxBytes, cut === true) : Buffer.alloc(0);
      return { answer: { url, status: response.status, headers: response.headers, body }, location };
    } catch (error) {
      throw stop.signal.aborted && !this.signal.aborted ? stop.signal.reason : error;
    } finally {
      clearTimeout(timer);
      this.signal.removeEventListener("abort", cancel);
      // Closes the connection of a body that was not read to its end.
      stop.abort();
    }
  }

  private async pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.signal }).catch(() => {
      throw cancelled();
    });
  }
}

/** The origin of an address, or its scheme if it has none: `file:`. */
function placeOf({ origin, protocol }: URL): string {
  return origin === "null" ? protocol : origin;
}

/** The body as it is after decompression. */
async function bodyOf({ body }: Response, maxBytes: number, cut: boolean): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0);
  const { bytes, isWhole } = await beginningOf(body, maxBytes);
  if (isWhole || cut) return bytes;
  throw new Unanswered(`it is larger than ${maxBytes / 1e6} MB`);
}

function cancelled(): WinnowError {
  return new WinnowError("Cancelled", "reading the site was cancelled");
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return messageOf(cause ?? error);
}
