/**
 * Measures the product at size. Vector search: time, memory, index build, recall@100 against exact search, latency.
 * Retrieval of a question: BM25, vectors, passages and feedback, without reranking. Temporal: the history of a pipeline
 * over as many passages.
 *   npm run bench:scale [-- --sizes 10000,100000,1000000] [--contenders home,search,mining] [--replicas 2] [--shards 6]
 *     [--vectors EMBED_ARTIFACT] [--passages INGEST_ARTIFACT --questions FILE] [--keep FOLDER] [--no-history] [--json]
 * Vectors, passages and questions are by default those of the serving release in WINNOW_HOME; without passages and
 * questions only the vector search is measured. Larger sizes are synthesized: syntheticVectors.ts,
 * syntheticPassages.ts. The contender `home` holds the corpus in the process that searches, `search` on three search
 * servers of this machine. `mining` opens the corpus that questions are made from, and makes them. Each step runs in its own process. With --keep all artifacts stay in FOLDER, and a second
 * run measures only search and retrieval.
 */
import { fork } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openRelease } from "../client/openRelease.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { readQuestionLines } from "../core/artifacts/evaluation.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { embedderDir } from "../core/models/locate.ts";
import { type MeasuredHistory, measureHistory, renderHistories } from "./scaleHistory.ts";
import { type MeasuredMining, measureMining, renderMining } from "./scaleMining.ts";
import {
  buildLexical,
  type MeasuredRetriever,
  type RealDocs,
  renderRetrievers,
  retrieveQuestions,
  writePassages,
} from "./scaleRetriever.ts";
import {
  afterLoss,
  fillServers,
  type MeasuredSearch,
  renderSearch,
  retrieveFromServers,
  type SearchServers,
  withSearchServers,
} from "./scaleSearch.ts";
import {
  buildVectors,
  kindOf,
  type MeasuredVectors,
  makeVectors,
  renderVectors,
  searchVectors,
} from "./scaleVectors.ts";

interface Measured extends MeasuredVectors {
  retriever?: MeasuredRetriever;
  searched?: MeasuredSearch;
  mining?: MeasuredMining;
  history?: MeasuredHistory;
}

/** The basis of the measurements at one size. */
interface Source {
  embedDirs: string[];
  /** `null` for vectors from --vectors alone, which have no text. */
  docs: RealDocs | null;
  servers?: SearchServers;
}

/** What is measured. */
interface Wanted {
  sizes: number[];
  contenders: string[];
  replicas: number;
  shards: number;
  keep: string | undefined;
  history: boolean;
}

/** Steps of one size, each in its own process for a separate measure of memory. */
const STEPS = {
  make: ({ embedDirs }: Source, count: number, folder: string) => makeVectors(embedDirs, count, folder),
  build: (_: Source, count: number, folder: string) => buildVectors(count, folder),
  search: (_: Source, count: number, folder: string) => searchVectors(count, folder),
  passages: ({ docs }: Source, _: number, folder: string) => writePassages(docs!, folder),
  lexical: (_: Source, count: number, folder: string) => buildLexical(count, folder),
  retrieve: ({ docs }: Source, count: number, folder: string) => retrieveQuestions(docs!, kindOf(count), folder),
  fill: ({ servers }: Source, _: number, folder: string) => fillServers(servers!, folder),
  ask: ({ docs, servers }: Source, _: number, folder: string) => retrieveFromServers(docs!, servers!, folder),
  loss: ({ docs, servers }: Source, _: number, folder: string) => afterLoss(docs!, servers!, folder),
  mining: (_: Source, __: number, folder: string) => measureMining(folder),
  history: (_: Source, count: number) => measureHistory(count),
};

async function measure(source: Source, count: number, wanted: Wanted): Promise<Measured> {
  const { contenders, keep } = wanted;
  const folder = keep ? join(keep, `${count}`) : mkdtempSync(join(tmpdir(), "winnow-scale-"));
  const step = <T>(name: keyof typeof STEPS, servers?: SearchServers) =>
    inProcess<T>([JSON.stringify({ ...source, servers }), `${count}`, folder, name]);
  /** Reuses the results of an earlier build. */
  const kept = async <T>(name: keyof typeof STEPS): Promise<T> => {
    const file = join(folder, `${name}.json`);
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await step(name)));
    return JSON.parse(readFileSync(file, "utf8"));
  };
  const retrieval = async () => ({
    ...(await kept<MeasuredRetriever>("passages")),
    ...(await kept<MeasuredRetriever>("lexical")),
    ...(await step<MeasuredRetriever>("retrieve")),
  });
  try {
    mkdirSync(folder, { recursive: true });
    let measured = await kept<Measured>("make");
    if (contenders.includes("home")) {
      measured = { ...measured, ...(await kept<Measured>("build")), ...(await step<Measured>("search")) };
      if (source.docs) measured.retriever = await retrieval();
    }
    if (contenders.includes("search")) {
      await kept("passages");
      measured.searched = await measureServers(wanted, step);
    }
    if (contenders.includes("mining")) {
      await kept("passages");
      measured.mining = await step<MeasuredMining>("mining");
    }
    if (wanted.history) measured.history = await step<MeasuredHistory>("history");
    return measured;
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Fills three servers, asks them, and asks again with one of them killed. */
function measureServers(
  wanted: Wanted,
  step: <T>(name: keyof typeof STEPS, servers: SearchServers) => Promise<T>,
): Promise<MeasuredSearch> {
  return withSearchServers(wanted, async (servers, nodes) => {
    const filled = await step<MeasuredSearch>("fill", servers);
    process.stderr.write(`${JSON.stringify(filled)}\n`);
    const asked = await step<MeasuredSearch>("ask", servers);
    if (wanted.replicas < 2) return { ...filled, ...asked };
    await nodes[0]!.kill();
    return { ...filled, ...asked, afterLoss: await step<MeasuredSearch["afterLoss"]>("loss", servers) };
  });
}

function inProcess<T>(step: string[]): Promise<T> {
  const child = fork(fileURLToPath(import.meta.url), step, {
    execArgv: ["--max-old-space-size=4096", "--expose-gc", "--import", import.meta.resolve("tsx")],
    // Temporal's server writes to stdout, which is reserved for the results.
    stdio: ["ignore", 2, "inherit", "ipc"],
  });
  return new Promise((settle, fail) => {
    child.once("message", (measured) => settle(measured as T));
    child.once("exit", (code) => fail(new Error(`${step.at(-1)} at ${step[1]} ended (${code})`)));
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      vectors: { type: "string" },
      passages: { type: "string" },
      questions: { type: "string" },
      sizes: { type: "string", default: "10000,100000,1000000" },
      contenders: { type: "string", default: "home" },
      replicas: { type: "string", default: "2" },
      shards: { type: "string", default: "6" },
      keep: { type: "string" },
      "no-history": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const source = values.vectors ? await givenSource({ ...values, vectors: values.vectors }) : await servedSource();
  const wanted: Wanted = {
    sizes: values.sizes.split(",").map(Number),
    contenders: values.contenders.split(","),
    ...{ replicas: Number(values.replicas), shards: Number(values.shards), keep: values.keep },
    history: !values["no-history"],
  };
  if (wanted.contenders.includes("search") && !source.docs)
    throw new Error("search servers need passages and questions");
  const all: Measured[] = [];
  for (const size of wanted.sizes) {
    process.stderr.write(`${size} vectors\n`);
    all.push(await measure(source, size, wanted));
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  console.log(
    values.json ? JSON.stringify({ machine, sizes: all }, null, 2) : [machine, ...tablesOf(all)].join("\n\n"),
  );
}

function tablesOf(all: Measured[]): string[] {
  const histories = all.flatMap(({ history }) => history ?? []);
  const home = all.filter(({ kind }) => kind);
  return [
    ...(home.length > 0 ? [renderVectors(home)] : []),
    ...(home.some(({ retriever }) => retriever) ? [renderRetrievers(home)] : []),
    ...(all.some(({ searched }) => searched) ? [renderSearch(all)] : []),
    ...(all.some(({ mining }) => mining) ? [renderMining(all)] : []),
    ...(histories.length > 0 ? [renderHistories(histories)] : []),
  ];
}

async function servedSource(): Promise<Source> {
  const config = readCliConfig();
  const { folders } = await openRelease(config, {});
  const { embedDirs, ingestDir, evaluateDir } = folders;
  const questions = (await readQuestionLines(evaluateDir)).map(({ query }) => query);
  return { embedDirs, docs: { ingestDir, questions, embedderDir: embedderDir(config.cache) } };
}

async function givenSource(given: { vectors: string; passages?: string; questions?: string }): Promise<Source> {
  const { vectors, passages, questions } = given;
  if (!passages || !questions) return { embedDirs: [vectors], docs: null };
  const asked = (await loadQuestionSet(questions)).map(({ query }) => query);
  return {
    embedDirs: [vectors],
    docs: { ingestDir: passages, questions: asked, embedderDir: embedderDir(readCliConfig().cache) },
  };
}

if (process.send) {
  const [source = "", count, folder = "", step] = process.argv.slice(2);
  const measured = await STEPS[step as keyof typeof STEPS](JSON.parse(source), Number(count), folder);
  process.send(measured, () => process.exit(0));
} else await main();
