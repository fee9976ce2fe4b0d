/**
 * Embeds shards as a cpu worker's compute process does: a request is `EmbedArgs`, its answer
 * `{vectors, cpuSeconds}`.
 */
import { createInterface } from "node:readline";
import { quietContext } from "../../core/native/task.ts";
import { type EmbedArgs, embedPassages } from "../../core/retrieval/embedPassages.ts";

const tell = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  const { embedded } = await embedPassages(JSON.parse(line) as EmbedArgs, quietContext());
  const { user, system } = process.cpuUsage(before);
  tell({ vectors: embedded, cpuSeconds: (user + system) / 1e6 });
}
