/**
 * Scores the served candidates of pools again with another reranker, for dataset:ranking and dataset:refusals:
 *   npm run dataset:rescore -- --pools FOLDER --model DIR --out FOLDER --project NAME [--project ...]
 * As when serving, the rarity of tokens is counted over the project's own docs.
 */
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readPassages } from "../../core/artifacts/passages.ts";
import { readJsonLines, writeJsonLines } from "../../core/base/jsonl.ts";
import { windowInput } from "../../core/docs/windows.ts";
import { openRerankerFor } from "../scoredSets.ts";
import { type DatasetQuestion, type Pool, questionsFile } from "./pools.ts";

const { values: options } = parseArgs({
  options: {
    pools: { type: "string" },
    model: { type: "string" },
    out: { type: "string" },
    project: { type: "string", multiple: true },
  },
});
const { pools, model, out, project: projects } = options;
if (!pools || !model || !out || !projects) {
  console.error("dataset:rescore needs --pools FOLDER, --model DIR, --out FOLDER and --project NAME");
  process.exit(2);
}

for (const project of projects) {
  const passages = await readPassages(join(pools, project, "ingest"));
  const questions = await readJsonLines<DatasetQuestion>(questionsFile(project));
  const asked = new Map(questions.map(({ id, query }) => [id, query]));
  const folder = await mkdtemp(join(tmpdir(), "winnow-rescore-"));
  const reranker = await openRerankerFor(passages, folder, model);
  const rescored: Pool[] = [];
  for (const pool of await readJsonLines<Pool>(join(pools, project, "pools.jsonl"))) {
    const inputs = pool.served.map(({ position, window }) => windowInput(passages[position]!, window));
    const logits = await reranker.score(asked.get(pool.id)!, inputs);
    rescored.push({ ...pool, served: pool.served.map((served, at) => ({ ...served, logit: logits[at]! })) });
  }
  await mkdir(join(out, project), { recursive: true });
  await writeJsonLines(join(out, project, "pools.jsonl"), rescored);
  await rm(join(out, project, "ingest"), { force: true });
  await symlink(resolve(pools, project, "ingest"), join(out, project, "ingest"));
  await reranker.close();
  await rm(folder, { recursive: true });
  console.log(`${project}: ${rescored.length} questions scored by ${model}`);
}
