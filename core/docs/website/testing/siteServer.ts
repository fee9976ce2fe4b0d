import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A page of the server: its text, or all of an answer. */
export interface Served {
  status?: number;
  type?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  /** Sent as ETag; a request with it is answered 304. */
  etag?: string;
}

/** A documentation site on a port of this machine. Keeps the requests that it got. */
export class SiteServer {
  readonly pages = new Map<string, Served>();
  requests: { path: string; headers: IncomingMessage["headers"]; at: number }[] = [];
  /** Requests that were open at once, at most. */
  atOnce = 0;
  private open = 0;
  private readonly server = createServer((request, response) => this.answer(request, response));

  async start(): Promise<this> {
    await new Promise<void>((settle) => this.server.listen(0, "127.0.0.1", settle));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((settle) => this.server.close(settle));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Paths asked for since the last call. */
  asked(): string[] {
    const paths = this.requests.map(({ path }) => path);
    this.requests = [];
    return paths;
  }

  page(path: string, text: string, more: Served = {}): void {
    this.pages.set(path, {
      body: `<!doctype html><title>${text}</title><main><h1>${text}</h1><p>Text of ${text}.</p></main>`,
      ...more,
    });
  }

  /** Lists pages in `/sitemap.xml`, each with its `lastmod` if one is given. */
  list(pages: Record<string, string | null>): void {
    const entries = Object.entries(pages).map(([path, lastmod]) => {
      const changed = lastmod === null ? "" : `<lastmod>${lastmod}</lastmod>`;
      return `<url><loc>${path.startsWith("http") ? path : this.origin + path}</loc>${changed}</url>`;
    });
    const body = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries.join("")}</urlset>`;
    this.pages.set("/sitemap.xml", { type: "application/xml", body });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "";
    this.requests.push({ path, headers: request.headers, at: performance.now() });
    this.atOnce = Math.max(this.atOnce, ++this.open);
    response.on("close", () => this.open--);
    const {
      status = 200,
      type = "text/html; charset=utf-8",
      body = "",
      headers = {},
      etag,
    } = this.pages.get(path) ?? { status: 404 };
    const isKnown = etag !== undefined && request.headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : status, { "content-type": type, ...(etag ? { etag } : {}), ...headers });
    response.end(isKnown ? "" : body);
  }
}
