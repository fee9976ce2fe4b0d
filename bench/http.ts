/**
 * The HTTP API on the serving release of WINNOW_HOME, over a deployment whose LLM plays a script:
 * - the time of an answer as JSON over that of the workflow, which the client starts itself, in alternation;
 * - the time to the first token of a stream over the LLM's own first token;
 * - the weight of the page and its first paint in Chromium;
 * - the memory of streams whose questions wait.
 *   npm run bench:http [-- --pairs 100 --streams 500]
 */
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { startAsk } from "../client/ask.ts";
import { openRelease } from "../client/openRelease.ts";
import { resultOf } from "../client/outcome.ts";
import { connectClient } from "../client/temporal.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { ScriptedLlm, says } from "../core/llm/testing/scriptedLlm.ts";
import { type Deployment, deploy } from "./deployment.ts";
import { type ApiProcess, apiProcess } from "./http/apiProcess.ts";
import { firstPaint } from "./http/firstPaint.ts";
import { firstTokens } from "./http/firstToken.ts";
import { heldStreams } from "./http/heldStreams.ts";
import { postAsk } from "./http/postAsk.ts";
import { quantile } from "./load.ts";
import { option } from "./peer.ts";

const WARM_UP = 6;
const ANSWER = "Mark the node first, and then move its pods to other nodes [1].";

const config = readCliConfig();
const pairs = Number(option("pairs", "100"));
const streams = Number(option("streams", "500"));
const answerable = (await loadQuestionSet(join(projectRoot, "samples", "questions.jsonl"))).filter(
  ({ relevant }) => relevant.length > 0,
);
const { release } = await openRelease(config, {});
const llm = new ScriptedLlm();
const deployment = await deploy(config, 1, {
  WINNOW_LLM_MODEL: "scripted",
  WINNOW_LLM_BASE_URL: await llm.listen(),
});
const client = await connectClient(deployment.address, config);
let asked = 0;
const next = () => answerable[asked++ % answerable.length]!.query;
const rows: string[][] = [];
let page = "";
const fixed = (number: number, digits = 0) => number.toFixed(digits);
const row = (what: string, times: number[], aim = "") =>
  rows.push([what, fixed(quantile(times, 0.5), 1), fixed(quantile(times, 0.95), 1), `${times.length}`, aim]);

interface Times {
  /** From the request to the whole answer. */
  whole: number[];
  /** Of that, the part before the workflow's start and after its end, which is free of the workflow's own noise. */
  around: number[];
}

async function timed(times: Times, work: () => Promise<string>): Promise<void> {
  const began = performance.now();
  const id = await work();
  const whole = performance.now() - began;
  const { startTime, closeTime } = await client.workflow.getHandle(id).describe();
  times.whole.push(whole);
  times.around.push(whole - (closeTime!.getTime() - startTime.getTime()));
}

/** Asks each question by the client itself and by the API, in alternating order. */
async function answers(url: string): Promise<void> {
  llm.play(says(ANSWER));
  const api = async (question: string) => {
    const response = await postAsk(url, { question, release: release.id });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return ((await response.json()) as { id: string }).id;
  };
  const own = async (question: string) => {
    const handle = await startAsk(client, question, { release: release.id });
    await resultOf(handle);
    return handle.workflowId;
  };
  const direct: Times = { whole: [], around: [] };
  const served: Times = { whole: [], around: [] };
  const ways = [
    { way: own, times: direct },
    { way: api, times: served },
  ];
  for (let at = 0; at < WARM_UP; at++) for (const { way } of ways) await way(next());
  for (let at = 0; at < pairs; at++) {
    const question = next();
    for (const { way, times } of at % 2 === 0 ? ways : [...ways].reverse()) await timed(times, () => way(question));
  }
  row("an answer by the workflow, which the client starts itself, ms", direct.whole);
  row("the same by POST /v1/ask as JSON, ms", served.whole);
  row("outside the workflow: the client itself, ms", direct.around);
  row("outside the workflow: POST /v1/ask, ms", served.around, "p50 at most 10 more");
}

/** Runs work with the API of a deployment, and ends both. */
async function withApi(at: Deployment, work: (api: ApiProcess) => Promise<void>): Promise<void> {
  try {
    const api = await apiProcess(config, at.address, { questions: streams + 8 });
    await work(api).finally(() => api.stop());
  } finally {
    await at.stop();
  }
}

console.log(
  `release ${release.id} of ${release.manifest.corpus}; ${cpus().length} x ${cpus()[0]!.model}, load ${fixed(loadavg()[0]!, 1)}`,
);
try {
  await withApi(deployment, async ({ url }) => {
    await answers(url);
    const times = await firstTokens(url, llm, next, pairs);
    row("from the LLM's first token to that of the stream, ms", times, "p50 at most 50");
    page = await firstPaint(url);
  });
} finally {
  await client.connection.close();
  llm.end();
}
console.log(`\n${table(["", "p50", "p95", "n", "aim"], rows)}\n\n${page}`);
await withApi(await deploy(config, 0), async (api) => console.log(`\n${await heldStreams(api, streams)}`));
