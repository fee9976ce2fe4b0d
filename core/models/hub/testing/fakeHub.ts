import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sha256 } from "../../../base/canonical.ts";
import type { HubCall, HubPatience } from "../hub.ts";

/** Content of a repository on the hub. */
export interface FakeRepository {
  /** Files by path; those that end in `.safetensors` or `.onnx` lie in large file storage. */
  files: Record<string, Buffer>;
  /** A token that must be sent. */
  token?: string;
  /** Its terms must be accepted first. */
  gated?: boolean;
  /** The name that it was given later. */
  renamedTo?: string;
}

interface Asked {
  name: string;
  /** Undefined for the repository's description. */
  path: string | undefined;
  files: FakeRepository["files"];
}

/** Takes over an answer; returns false to leave it as it is. */
export type Fault = (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean;

export const COMMIT = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41";

/** Two HTTP servers laid out as a model hub: the hub, and the storage host that it redirects large files to. */
export class FakeHub {
  /** Requests as `hub GET /path` or `storage GET /path`. */
  readonly seen: { line: string; headers: IncomingMessage["headers"] }[] = [];
  readonly repositories: Record<string, FakeRepository> = {};
  /** Tried for each answer of this kind, in order. */
  readonly faults: Record<"api" | "file" | "storage", Fault[]> = { api: [], file: [], storage: [] };
  private readonly hub = createServer((request, response) => this.atHub(request, response));
  private readonly storage = createServer((request, response) => this.atStorage(request, response));

  async start(): Promise<this> {
    await Promise.all([listening(this.hub), listening(this.storage)]);
    return this;
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.storage]) {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    }
  }

  get endpoint(): string {
    return addressOf(this.hub);
  }

  /** A call to it that gives up within a second. */
  call(patience: Partial<HubPatience> = {}, token: string | null = null): HubCall {
    const quick = { answerMs: 800, slowMs: 150, slowBytes: 1000, tries: 3, retryMs: 5, longestWaitMs: 60, ...patience };
    return { endpoint: this.endpoint, token, patience: quick, signal: new AbortController().signal };
  }

  lines(): string[] {
    return this.seen.map(({ line }) => line.replace(/\?.*/, ""));
  }

  private atHub(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.endpoint);
    this.seen.push({ line: `hub ${request.method} ${url.pathname}${url.search}`, headers: request.headers });
    const [, asked, described] = /^\/api\/models\/(.+?)\/revision\/([^/]+)$/.exec(url.pathname) ?? [];
    const [, name = asked ?? "", commit, path] = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    const found = this.repositories[name];
    const at = decodeURIComponent(described ?? commit ?? "");
    const refusal = refusalOf(found, at, request);
    if (refusal) failed(response, ...refusal);
    else if (found?.renamedTo) redirect(response, 307, url.pathname.replace(name, found.renamedTo) + url.search);
    else this.found(request, response, { name, path: path && decodeURIComponent(path), files: found!.files });
  }

  private found(request: IncomingMessage, response: ServerResponse, { name, path, files }: Asked): void {
    const body = path === undefined ? Buffer.from(JSON.stringify(description(name, files))) : files[path];
    if (!body) failed(response, 404, "EntryNotFound", "Entry not found");
    else if (path !== undefined && isLarge(path))
      redirect(response, 302, `${addressOf(this.storage)}/${sha256(body)}?signature=s`);
    else this.answer(path === undefined ? "api" : "file", request, response, body);
  }

  private atStorage(request: IncomingMessage, response: ServerResponse): void {
    this.seen.push({ line: `storage ${request.method} ${request.url}`, headers: request.headers });
    const digest = new URL(request.url ?? "/", "http://storage").pathname.slice(1);
    const all = Object.values(this.repositories).flatMap(({ files }) => Object.values(files));
    const body = all.find((each) => sha256(each) === digest);
    if (!body) failed(response, 404, "", "");
    else this.answer("storage", request, response, body);
  }

  private answer(
    kind: keyof FakeHub["faults"],
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void {
    for (const fault of this.faults[kind]) if (fault(request, response, body)) return;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const rest = body.subarray(start);
    const range = { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` };
    response.writeHead(start > 0 ? 206 : 200, { "content-length": rest.length, ...(start > 0 ? range : {}) });
    response.end(rest);
  }
}

/** Breaks the connection after `arrived` bytes. The client loses what it has not read by then. */
export function cutAfter(bytes: number, arrived: () => number): Fault {
  return (_request, response, body) => {
    response.writeHead(200, { "content-length": body.length });
    response.write(body.subarray(0, bytes));
    const timer = setInterval(() => {
      if (arrived() >= bytes) response.destroy();
    }, 5);
    response.on("close", () => clearInterval(timer));
    return true;
  };
}

/** A fault, and the number of requests that meet it. */
export function times(count: number, fault: Fault): Fault {
  let left = count;
  return (...given) => left-- > 0 && fault(...given);
}

export function failed(response: ServerResponse, status: number, code: string, message: string, headers = {}): void {
  const named = { ...(code ? { "x-error-code": code } : {}), ...(message ? { "x-error-message": message } : {}) };
  response.writeHead(status, { "content-type": "application/json", ...named, ...headers });
  response.end(JSON.stringify({ error: message }));
}

/** Id that git gives to a file's content. */
export function gitBlobId(body: Buffer): string {
  return createHash("sha1").update(`blob ${body.length}\0`).update(body).digest("hex");
}

function description(name: string, files: FakeRepository["files"]) {
  const siblings = Object.entries(files).map(([rfilename, body]) => ({
    rfilename,
    size: body.length,
    blobId: isLarge(rfilename) ? gitBlobId(Buffer.from("pointer")) : gitBlobId(body),
    ...(isLarge(rfilename) ? { lfs: { sha256: sha256(body), size: body.length, pointerSize: 134 } } : {}),
  }));
  return { _id: "621ffdc136468d709f180294", id: name, sha: COMMIT, gated: false, private: false, siblings };
}

function refusalOf(
  found: FakeRepository | undefined,
  at: string,
  { headers: { authorization } }: IncomingMessage,
): [number, string, string] | null {
  if (!found)
    return authorization
      ? [404, "RepoNotFound", "Repository not found"]
      : [401, "RepoNotFound", "Invalid username or password."];
  if (at !== "main" && at !== COMMIT) return [404, "RevisionNotFound", "Revision Not Found"];
  if (found.token === undefined || authorization === `Bearer ${found.token}`) return null;
  if (found.gated) return [authorization ? 403 : 401, "GatedRepo", "Access to this model is restricted"];
  return authorization
    ? [401, "", "Invalid credentials in Authorization header"]
    : [401, "RepoNotFound", "Invalid username or password."];
}

function redirect(response: ServerResponse, status: number, location: string): void {
  response.writeHead(status, { location, "x-repo-commit": COMMIT });
  response.end();
}

function isLarge(path: string): boolean {
  return /\.(safetensors|onnx)$/.test(path);
}

function listening(server: Server): Promise<void> {
  return new Promise((settle) => server.listen(0, "127.0.0.1", settle));
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
