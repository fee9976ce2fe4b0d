import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { VectorServer } from "../../../base/compute.ts";
import type { Collection, WrittenObject } from "../../engines/weaviate.ts";

/** A collection that a stand-in holds. */
export interface HeldCollection {
  schema: Collection;
  objects: Map<string, WrittenObject>;
}

/** Keeps collections as Weaviate does, without its search: a text search scores any object. */
export class WeaviateStandIn {
  readonly collections = new Map<string, HeldCollection>();
  /** Score of a text in two fields, where one in a single field scores 1. */
  scoreInBoth = 1.375;
  /** Called before each request is answered. */
  onRequest: (method: string, path: string) => void = () => {};

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WeaviateStandIn> {
    const server = createServer();
    const made = new WeaviateStandIn(server);
    server.on("request", async (request, response) => {
      const body = await text(request);
      const [method, path] = [request.method!, request.url!];
      made.onRequest(method, path);
      const { status, value } = made.answer(method, path, body ? JSON.parse(body) : null);
      response.writeHead(status).end(value === undefined ? "" : JSON.stringify(value));
    });
    await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Settings by which Winnow uses the stand-in as its only search server. */
  settings(shards = 1): VectorServer {
    const corpus = { urls: [this.url], shards };
    return { kind: "weaviate", url: this.url, prefix: "Winnow", replicas: 1, apiKey: null, corpus };
  }

  stop(): void {
    this.server.close().closeAllConnections();
  }

  // biome-ignore lint/suspicious/noExplicitAny: a body is whatever the client sends.
  private answer(method: string, path: string, body: any): { status: number; value?: unknown } {
    const name = /^\/v1\/schema\/(.+)$/.exec(path)?.[1];
    if (path === "/v1/nodes") return { status: 200, value: { nodes: [{ name: "node" }] } };
    if (path === "/v1/graphql") return { status: 200, value: this.query(body.query) };
    if (path === "/v1/batch/objects") return { status: 200, value: this.write(body.objects) };
    if (name === undefined && method === "POST") {
      if (this.collections.has(body.class)) return { status: 422 };
      this.collections.set(body.class, { schema: body, objects: new Map() });
      return { status: 200, value: body };
    }
    if (name === undefined)
      return { status: 200, value: { classes: [...this.collections.values()].map(({ schema }) => schema) } };
    const held = this.collections.get(name);
    if (!held) return { status: 404 };
    if (method === "DELETE") this.collections.delete(name);
    if (method === "PUT") held.schema = body;
    return { status: 200, value: held.schema };
  }

  private write(objects: (WrittenObject & { class: string })[]): unknown[] {
    return objects.map((object) => {
      const held = this.collections.get(object.class);
      held?.objects.set(object.id, object);
      return { id: object.id, ...(held ? {} : { result: { errors: { error: [{ message: "class not found" }] } } }) };
    });
  }

  private query(query: string): unknown {
    const [, what, name = ""] = /(Aggregate|Get) \{ (\w+)/.exec(query) ?? [];
    const held = this.collections.get(name);
    if (!held) return { errors: [{ message: `Cannot query field "${name}"` }] };
    if (what === "Aggregate") return { data: { Aggregate: { [name]: [{ meta: { count: held.objects.size } }] } } };
    const score = query.includes('"two"') ? this.scoreInBoth : 1;
    return { data: { Get: { [name]: held.objects.size > 0 ? [{ _additional: { score } }] : [] } } };
  }
}
