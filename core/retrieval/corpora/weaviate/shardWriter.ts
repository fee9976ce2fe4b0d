import type { Weaviate, WrittenObject } from "../../engines/weaviate.ts";
import { PARTS, type Part } from "./shards.ts";

/** Objects of a request. */
const BATCH = 300;

/**
 * Writes the objects of one shard to all of its servers, in batches. One batch is under way while the next is made, so
 * that a slow server holds the caller up and memory stays bounded.
 */
export class ShardWriter {
  private readonly pending: Record<Part, WrittenObject[]> = { windows: [], passages: [] };
  private readonly last: Record<Part, WrittenObject[]> = { windows: [], passages: [] };
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly nameOf: (part: Part) => string,
    private readonly clients: readonly Weaviate[],
    private readonly signal: AbortSignal,
  ) {}

  /** Throws what an earlier write threw. */
  async add(part: Part, objects: readonly WrittenObject[]): Promise<void> {
    for (const object of objects) this.pending[part].push(object);
    if (this.pending[part].length >= BATCH) await this.flush(part);
  }

  /** Writes what is left. The server's log of a batch is written with the next one, so the last ones are repeated. */
  async end(): Promise<void> {
    for (const part of PARTS) if (this.pending[part].length > 0) await this.flush(part);
    for (const part of PARTS) if (this.last[part].length > 0) await this.start(part, this.last[part]);
    await this.writing;
  }

  /** Waits for the write under way, whatever becomes of it. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private async flush(part: Part): Promise<void> {
    this.last[part] = this.pending[part];
    this.pending[part] = [];
    await this.start(part, this.last[part]);
  }

  private async start(part: Part, objects: WrittenObject[]): Promise<void> {
    await this.writing;
    const name = this.nameOf(part);
    this.writing = Promise.all(this.clients.map((client) => client.write(name, objects, this.signal))).then(() => {});
    // Whoever waits for it next gets the error.
    this.writing.catch(() => {});
  }
}
