import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactRef } from "../../../contracts/artifacts.ts";
import type { InstalledModel } from "../../../contracts/models.ts";
import type { WorkContext } from "../../base/progress.ts";
import { quietContext } from "../../base/progress.ts";
import { sourceDigest } from "../../docs/sourceDigest.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { openStorage, type Storage } from "../../storage/openStorage.ts";
import { type MeasuredRelease, measured } from "../../storage/releases.ts";
import { type StageKey, stages } from "../index.ts";
import { runStage } from "../runStage.ts";
import type { StageContext } from "../stage.ts";
import { tasks } from "../tasks.ts";

const THINGS = ["pod", "node", "job", "service"];
const COLOURS = ["red", "blue", "green"];
const mode = { force: false, cachedOnly: false };
const corpus = "things";
const quiet = { since: 0, signal: new AbortController().signal, onProgress: () => {} };

/** Runs the real work of the stages in this process. */
const compute: StageContext["compute"] = (task, args) =>
  (tasks[task as keyof typeof tasks] as (args: object, context: WorkContext) => Promise<unknown>)(
    args,
    quietContext({ threads: 1 }),
  );

/** No site may be visited. */
const NO_SITES = { origins: [], pauseMs: 1, maxPages: 1 };

/** A home with small docs and a question set. Its releases use models with random weights. */
export interface TinyHome {
  home: string;
  /** JSONL of judged questions. */
  questions: string;
  context: StageContext;
  storage: Storage;
  /** Builds a release with a new model of this width, or with an installed one as embedder and base of the reranker. */
  build(width: number, installed?: InstalledModel): Promise<MeasuredRelease>;
}

export async function tinyHome(): Promise<TinyHome> {
  const home = mkdtempSync(join(tmpdir(), "winnow-tiny-"));
  const docs = join(home, "docs");
  const questions = join(home, "questions.jsonl");
  writeDocs(docs, questions);
  const storage = await openStorage(home, null);
  const { store, releases, steps } = storage;
  const none = { vectors: null, llm: null, labels: async () => [], models: { embedder: "", base: "" } };
  const code = { ingest: "1", embed: "1", train: "1", evaluate: "1", scores: "1" };
  const context: StageContext = {
    home,
    root: home,
    gitEnv: {},
    sites: NO_SITES,
    store,
    steps,
    releases,
    code,
    compute,
    ...none,
  };
  const build = (width: number, installed?: InstalledModel) => built(context, { docs, questions, width, installed });
  return { home, questions, context, storage, build };
}

function writeDocs(docs: string, questions: string): void {
  mkdirSync(docs);
  for (const thing of THINGS) {
    const sections = COLOURS.map((colour) => `## ${colour}\n\nthe ${thing} is ${colour}\n`);
    writeFileSync(join(docs, `${thing}.md`), `# ${thing}\n\n${sections.join("\n")}`);
  }
  const judged = THINGS.flatMap((thing) =>
    COLOURS.map((colour) => ({
      ...{ id: `${thing}-${colour}`, query: `what is ${colour} ${thing}`, kind: "lookup" },
      relevant: [{ path: `${thing}.md`, heading: colour, grade: 2 }],
    })),
  );
  writeFileSync(questions, judged.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

interface Given {
  docs: string;
  questions: string;
  width: number;
  installed?: InstalledModel;
}

/** Builds a release with one embedder by running the stages of the table. */
async function built(context: StageContext, { docs, questions, width, installed }: Given): Promise<MeasuredRelease> {
  const model = mkdtempSync(join(tmpdir(), "winnow-embedder-"));
  await writeTinyModel(model, width, width);
  const here: StageContext = { ...context, models: { embedder: model, base: model } };
  const attempt = (task: StageKey) => ({ ...quiet, task });
  const stored = async (role: "embedder" | "base") =>
    installed?.artifact ?? (await runStage(stages.storeModel, { corpus, role, mode }, here, attempt("storeModel"))).ref;
  const [embedder, base] = [await stored("embedder"), await stored("base")];
  const source = { kind: "folder" as const, version: (await sourceDigest(docs)).digest };
  const read = { corpus, docs: { path: docs }, source, embedder, reranker: base, mode };
  const { ref: ingest, facts } = await runStage(stages.ingest, read, here, attempt("ingest"));
  const shard = { corpus, embedder, ingest, first: 0, last: facts.passages, alone: true, mode };
  const embed = [(await runStage(stages.embed, shard, here, attempt("embed"))).ref];
  const index = { corpus, ingest, embed, mode };
  const buildIndex = (await runStage(stages.buildIndex, index, here, attempt("buildIndex"))).ref;
  const data = await groups(context);
  const budget = { budgetMinutes: 0.01, leastSteps: 1, seed: 3 };
  const training = { corpus, data, ingest, base, baseName: `tiny-${width}`, ...budget, mode };
  const train = (await runStage(stages.train, training, here, attempt("train"))).ref;
  const start = { corpus, base, ingest, mode };
  const untrained = (await runStage(stages.untrained, start, here, attempt("untrained"))).ref;
  const refs = { embedder, ingest, embed, buildIndex, train, untrained };
  const asked = { corpus, ...refs, data: null, questions, scores: [], mode };
  const evaluated = await runStage(stages.evaluate, asked, here, attempt("evaluate"));
  const release = await context.releases.commit({
    ...{
      schema: 1,
      corpus,
      createdAt: `2026-01-01T00:00:${String(width).padStart(2, "0")}Z`,
      ...refs,
      evaluate: evaluated.ref,
    },
    source: { path: docs, digest: facts.digest, pages: facts.pages, passages: facts.passages },
    ranking: "reranked",
    reranker: { role: "untrained", ref: untrained },
    training: { at: "2026-01-01", ingest, basis: {} },
    gate: { promoted: true, ranking: "reranked", reason: "a test", criteria: [] },
    evaluation: evaluated.facts.summary,
  });
  return measured(release)!;
}

async function groups(context: StageContext): Promise<ArtifactRef> {
  const draft = await context.store.draft("train-data");
  const lines = THINGS.map((thing) => {
    const passages = COLOURS.map((colour) => `the ${thing} is ${colour}`);
    return `${JSON.stringify({ question: `what is red ${thing}`, passages })}\n`;
  });
  for (const name of ["groups.jsonl", "validation.jsonl"]) writeFileSync(join(draft, name), lines.join(""));
  writeFileSync(join(draft, "stats.json"), JSON.stringify({ supplied: 0, written: null }));
  return context.store.commit(draft, "train-data");
}
