import { settingOf, type VectorServer } from "../../base/compute.ts";
import { messageOf, WinnowError } from "../../base/errors.ts";

/** The part of a collection's schema that Winnow reads and writes. */
export interface Collection {
  class: string;
  description: string;
  vectorizer: "none";
  vectorIndexType: "flat" | "hnsw";
  vectorIndexConfig: Record<string, unknown>;
  replicationConfig: { factor: number };
  /** Absent for objects that are vectors alone. */
  properties?: Property[];
  invertedIndexConfig?: { bm25: { k1: number; b: number }; stopwords: { preset: "none" } };
}

/** A text of each object. */
export interface Property {
  name: string;
  dataType: ["text"];
  tokenization: "whitespace" | "field";
  indexSearchable: boolean;
  indexFilterable: boolean;
}

/** An object to write. */
export interface WrittenObject {
  id: string;
  vector?: number[];
  properties?: Record<string, string>;
}

/** Timeouts in milliseconds. */
export interface Patience {
  read: number;
  write: number;
}

const PATIENCE: Patience = { read: 15_000, write: 120_000 };
const TRANSIENT = new Set([408, 429]);
const GRAPHQL = "/v1/graphql";
const BATCH = "/v1/batch/objects";

interface GraphqlAnswer<T> {
  data?: T;
  errors?: { message: string }[];
}

/**
 * A client for the part of Weaviate's REST and GraphQL interfaces that an index needs: one port, no further package.
 * An object's id is its row, or a position with a window.
 *
 * Every call throws VectorServerUnavailable if a retry may help (no connection, no reply in time, 5xx), and
 * VectorServerRefused if it will not (wrong key, a schema the server rejects, a redirect).
 */
export class Weaviate {
  constructor(
    private readonly server: Pick<VectorServer, "url" | "apiKey" | "corpus">,
    private readonly patience: Patience = PATIENCE,
  ) {}

  get url(): string {
    return this.server.url;
  }

  /** The collection of that name; null if it does not exist. */
  async find(name: string): Promise<Collection | null> {
    const { status, body } = await this.call("GET", `/v1/schema/${name}`, { allowed: [404] });
    return status === 404 ? null : (body as Collection);
  }

  async list(): Promise<Collection[]> {
    const { body } = await this.call("GET", "/v1/schema");
    return (body as { classes?: Collection[] }).classes ?? [];
  }

  /** Creates a collection; one that a concurrent client created stays. */
  async create(collection: Collection): Promise<void> {
    const { status } = await this.call("POST", "/v1/schema", { json: collection, allowed: [422] });
    if (status !== 422 || (await this.find(collection.class))) return;
    await this.call("POST", "/v1/schema", { json: collection });
  }

  /** Changes only the description. @param found as the server returned it. */
  async describe(found: Collection, description: string): Promise<void> {
    await this.call("PUT", `/v1/schema/${found.class}`, { json: { ...found, description } });
  }

  async drop(name: string): Promise<void> {
    await this.call("DELETE", `/v1/schema/${name}`, { allowed: [404] });
  }

  async count(name: string): Promise<number> {
    return countIn(await this.graphql<Counted>(`{ ${countOf(name)} }`), name);
  }

  /** Writes rows from `first` on in one request; existing rows are replaced. @param rows [n, dim]. */
  async put(name: string, first: number, rows: Float32Array, dim: number, signal?: AbortSignal): Promise<void> {
    const objects = Array.from({ length: rows.length / dim }, (_, at) => ({
      id: objectId(first + at),
      vector: Array.from(rows.subarray(at * dim, (at + 1) * dim)),
    }));
    await this.write(name, objects, signal);
  }

  /** Writes objects in one request; existing ones are replaced. */
  async write(name: string, given: readonly WrittenObject[], signal?: AbortSignal): Promise<void> {
    const objects = given.map((object) => ({ class: name, ...object }));
    const { body } = await this.call("POST", BATCH, { json: { objects }, write: true, signal });
    for (const { id, result } of body as { id: string; result?: { errors?: { error?: { message: string }[] } } }[]) {
      const problem = result?.errors?.error?.[0]?.message;
      // All rows are alike, so the fault is elsewhere: the disk, an unreachable node, a collection that was just
      // dropped.
      if (problem) throw new WinnowError("VectorServerUnavailable", `${this.server.url}: row ${rowOf(id)}: ${problem}`);
    }
  }

  /** Names of the nodes of the server's own cluster. */
  async nodes(): Promise<string[]> {
    const { body } = await this.call("GET", "/v1/nodes");
    return ((body as { nodes?: { name: string }[] }).nodes ?? []).map(({ name }) => name);
  }

  /** Rows nearest to `vector`, with their inner products. */
  async search(name: string, vector: Float32Array, limit: number): Promise<{ row: number; score: number }[]> {
    const near = `nearVector: { vector: [${vector.join(",")}] }`;
    const query = `{ Get { ${name}(${near}, limit: ${limit}) { _additional { id distance } } } }`;
    type Hit = { _additional: { id: string; distance: number } };
    const { Get } = await this.graphql<{ Get: Record<string, Hit[]> }>(query);
    // The distance `dot` is the negative inner product.
    return Get[name]!.map(({ _additional: { id, distance } }) => ({ row: rowOf(id), score: -distance }));
  }

  /** The data of a GraphQL query. */
  async graphql<T>(query: string, signal?: AbortSignal): Promise<T> {
    const { body } = await this.call("POST", GRAPHQL, { json: { query }, signal });
    const { data, errors } = body as GraphqlAnswer<T>;
    if (data && !errors?.length) return data;
    const problem = errors?.[0]?.message ?? "a reply without data";
    const passing = /deadline|timeout|unavailable|connect|shutting down|read-?only/i.test(problem);
    throw new WinnowError(
      passing ? "VectorServerUnavailable" : "VectorServerRefused",
      `${this.server.url}: ${problem}`,
    );
  }

  private async call(
    method: string,
    path: string,
    options: { json?: unknown; allowed?: number[]; write?: boolean; signal?: AbortSignal } = {},
  ): Promise<{ status: number; body: unknown }> {
    const { json, allowed = [], write = method !== "GET" && path !== GRAPHQL, signal } = options;
    const limit = AbortSignal.timeout(write ? this.patience.write : this.patience.read);
    const { url, apiKey } = this.server;
    const headers = {
      "content-type": "application/json",
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
    };
    const request: RequestInit = {
      ...{ method, headers, redirect: "manual" },
      body: json === undefined ? undefined : JSON.stringify(json),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    };
    let answer: { status: number; text: string };
    try {
      answer = await send(`${url}${path}`, request).catch((cause) => {
        if (!wasClosed(cause)) throw cause;
        return send(`${url}${path}`, request);
      });
    } catch (cause) {
      throw failureOf(cause, `${method} ${url}${path}`, settingOf(this.server), signal);
    }
    if (answer.status < 300 || allowed.includes(answer.status)) {
      const body = parse(answer);
      // A proxy may reply with nothing in the server's place.
      if (body === null && answer.status < 300 && (method === "GET" || path === GRAPHQL || path === BATCH))
        throw new WinnowError("VectorServerUnavailable", `${method} ${url}${path}: an empty reply`);
      return { status: answer.status, body };
    }
    throw refusalOf(answer, `${method} ${url}${path}`, settingOf(this.server));
  }
}

async function send(url: string, request: RequestInit): Promise<{ status: number; text: string }> {
  const response = await fetch(url, request);
  return { status: response.status, text: await response.text() };
}

/**
 * True if the server closed the connection. It does so after some time without a request, which this process cannot
 * see while it computes. Every request may be repeated, so it is sent once more, on a new connection.
 */
function wasClosed(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(code ?? "");
}

function parse({ status, text }: { status: number; text: string }): unknown {
  if (status >= 300 || text === "") return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WinnowError("VectorServerUnavailable", `the vector database sent invalid JSON: ${cause}`, {
      cause,
    });
  }
}

function failureOf(cause: unknown, what: string, setting: string, signal: AbortSignal | undefined): WinnowError {
  if (signal?.aborted) return new WinnowError("Cancelled", `${what} was cancelled`, { cause });
  const why =
    (cause as Error).name === "TimeoutError" ? "no reply in time" : messageOf((cause as Error).cause ?? cause);
  return new WinnowError(
    "VectorServerUnavailable",
    `${what}: ${why}. Is the vector database of ${setting} running and reachable from here?`,
    { cause },
  );
}

function refusalOf({ status, text }: { status: number; text: string }, what: string, setting: string): WinnowError {
  const passing = status >= 500 || TRANSIENT.has(status);
  const hint =
    status === 401 || status === 403
      ? ` Set ${setting}_API_KEY.`
      : status < 400
        ? " Redirects are not followed: set the final address."
        : "";
  const said = text.trim().slice(0, 300);
  return new WinnowError(
    passing ? "VectorServerUnavailable" : "VectorServerRefused",
    `${what}: status ${status}${said ? `: ${said}` : ""}.${hint}`,
  );
}

/** The part of a query that counts a collection's objects. */
export function countOf(name: string): string {
  return `Aggregate { ${name} { meta { count } } }`;
}

export interface Counted {
  Aggregate: Record<string, [{ meta: { count: number } }]>;
}

export function countIn({ Aggregate }: Counted, name: string): number {
  return Aggregate[name]![0].meta.count;
}

/** A UUID that contains a row number, or a position and a number below 65,536. */
export function objectId(row: number, part = 0): string {
  return `00000000-0000-0000-${part.toString(16).padStart(4, "0")}-${row.toString(16).padStart(12, "0")}`;
}

export function rowOf(id: string): number {
  return Number.parseInt(id.slice(-12), 16);
}

/** The number beside the position. */
export function partOf(id: string): number {
  return Number.parseInt(id.slice(-17, -13), 16);
}
