import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { approvalId, corpusLockId, QUEUES, WORKER_SHUTDOWN, type WORKFLOWS } from "../../contracts/names.ts";
import { startTestServer, temporalBinary } from "../server.ts";
import {
  INSTALLED,
  RELEASE,
  ref,
  type Stage,
  stage,
  unavailable,
  untilCancelled,
  withWorkers,
} from "../workflows/stubs.ts";

// Records the histories for replay.test.ts: `npx tsx tests/replay/record.ts [NAME...]`. A new path needs a history: name
// it, so that the others stay unchanged. Without names, all are recorded again. Until the first tagged release, that is
// right after any change of the workflows; after it, only for a change that breaks running ones.

const FOLDER = new URL("./histories/", import.meta.url);
const docs = join(tmpdir(), "winnow-replay-docs");
const wanted = process.argv.slice(2);

async function save(env: TestWorkflowEnvironment, id: string, name: string): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const args = ["workflow", "show", "--workflow-id", id, "--output", "json", "--address", env.address];
  const { stdout } = await promisify(execFile)(temporalBinary(), args, { maxBuffer: 1 << 26 });
  // Machine-specific values that no replay reads.
  const scrubbed = JSON.parse(stdout, (key, value) => {
    if (key === "stackTrace") return "";
    return typeof value === "string" && /^\d+@/.test(value) ? "recorder" : value;
  });
  const events = (scrubbed.events as object[]).map((event) => JSON.stringify(event));
  // An event a line: a change of a workflow shows in the diff as the events it moved.
  writeFileSync(new URL(`${name}.json`, FOLDER), `{"events":[\n${events.join(",\n")}\n]}\n`);
}

type Type = keyof typeof WORKFLOWS;

async function run(
  env: TestWorkflowEnvironment,
  name: string,
  type: Type,
  input: unknown,
  during?: () => Promise<void>,
) {
  const handle = await env.client.workflow.start(type, { workflowId: name, taskQueue: QUEUES.main, args: [input] });
  await during?.();
  await handle.result().catch(() => {});
  await save(env, name, name);
}

function record(
  env: TestWorkflowEnvironment,
  name: string,
  type: Type,
  input: unknown,
  play: Stage,
  during?: () => Promise<void>,
): Promise<void> {
  return withWorkers(env, play, () => run(env, name, type, input, during));
}

const corpus = (name: string) => ({ docs: { path: docs, name } });

async function recordPipelines(env: TestWorkflowEnvironment): Promise<void> {
  await record(env, "pipeline-promoted", "pipeline", corpus("promoted"), stage());
  await save(env, corpusLockId("promoted"), "lock-released");
  await record(env, "pipeline-refused", "pipeline", corpus("refused"), stage({ verdict: { promoted: false } }));
  const unserved = stage({ first: { serve: true, champion: null } });
  await record(env, "pipeline-first-release", "pipeline", corpus("first"), unserved);
  await record(
    env,
    "pipeline-in-shards",
    "pipeline",
    corpus("in-shards"),
    stage({ questions: 900, passages: 11_000, workers: 3 }),
  );
  await record(env, "pipeline-only", "pipeline", { ...corpus("only"), only: "train" }, stage());
  await record(
    env,
    "pipeline-not-trained",
    "pipeline",
    { ...corpus("plain"), training: { budgetMinutes: 0 } },
    stage(),
  );
  const models = { embedder: INSTALLED.name };
  await record(env, "pipeline-chosen-model", "pipeline", { ...corpus("chosen"), models }, stage());
  const story = [WORKER_SHUTDOWN, "StoreUnavailable", "StoreUnavailable"];
  const interrupted = () => {
    const type = story.shift();
    if (type) throw ApplicationFailure.retryable("not now", type);
  };
  const play = stage({ during: { buildIndex: interrupted } });
  await record(env, "pipeline-interrupted", "pipeline", { ...corpus("interrupted"), until: "build-index" }, play);
  await record(env, "pipeline-bad-input", "pipeline", { docs: { path: 7 } }, stage());
  const held = stage({ during: { train: untilCancelled } });
  await record(env, "pipeline-cancelled", "pipeline", corpus("cancelled"), held, async () => {
    while (!held.calls.includes("train")) await new Promise((settle) => setTimeout(settle, 100));
    await run(env, "pipeline-already-running", "pipeline", corpus("cancelled"));
    const handle = env.client.workflow.getHandle("pipeline-cancelled");
    await handle.signal("pause");
    await handle.signal("resume");
    await handle.cancel();
  });
}

/** Runs with an earlier release. */
async function recordUpdates(env: TestWorkflowEnvironment): Promise<void> {
  const judged = join(docs, "judged.jsonl");
  writeFileSync(judged, '{"id": "q", "query": "q", "kind": "unanswerable-near", "relevant": []}\n');
  const earlier = { release: RELEASE, promoted: true, evaluation: null, gate: null, artifacts: {} };
  const changes = {
    against: RELEASE,
    pages: { added: 1, changed: 2, removed: 0, same: 74 },
    passages: { total: 460, fresh: 7, gone: 5 },
    examples: { added: ["new.md"], changed: ["a.md", "b.md"], removed: [] },
    ref: ref("changes"),
  };
  const update = (name: string, play: Stage) =>
    record(env, `pipeline-${name}`, "pipeline", { ...corpus(name), questions: judged }, play);
  await update("unchanged", stage({ unchanged: earlier }));
  await update("index-only", stage({ changes, retrain: { first: false, second: false } }));
  await update("trained-after-all", stage({ changes, retrain: { first: false, second: true } }));
}

async function recordReleases(env: TestWorkflowEnvironment): Promise<void> {
  const crash = () => {
    throw ApplicationFailure.nonRetryable("config.json: no hidden_size", "BadModel");
  };
  await record(env, "pipeline-failed", "pipeline", corpus("failed"), stage({ during: { train: crash } }));
  const decided = { by: "dana", reason: "read the report" };
  const waiting = async (name: string, options: object, act: (id: string) => Promise<unknown>) => {
    const input = { ...corpus(name), gate: "manual", ...options };
    await record(env, "pipeline-manual", "pipeline", input, stage(), async () => {
      await env.client.workflow.getHandle("pipeline-manual").result();
      await act(approvalId(name));
      await env.client.workflow.getHandle(approvalId(name)).result();
      await save(env, approvalId(name), `approval-${name}`);
    });
  };
  const update = (name: string) => (id: string) =>
    env.client.workflow.getHandle(id).executeUpdate(name, { args: [decided] });
  await waiting("approved", {}, update("approve"));
  await waiting("rejected", {}, update("reject"));
  await waiting("timed-out", { approvalHours: 1 / 3600 }, async () => {});
  await waiting("superseded", {}, (id) => env.client.workflow.getHandle(id).signal("supersede", "ffffffffffff"));
  await record(env, "promote", "promote", { release: RELEASE, ...decided }, stage());
  await record(env, "rollback", "rollback", decided, stage());
}

async function recordQuestions(env: TestWorkflowEnvironment): Promise<void> {
  const question = { question: "how do I run a job?" };
  await record(env, "ask-quoted", "ask", question, stage());
  await record(env, "ask-llm", "ask", question, stage({ model: "qwen" }));
  await record(env, "ask-abstained", "ask", question, stage({ abstain: true }));
  const down = () => {
    throw unavailable("503");
  };
  await record(env, "ask-degraded", "ask", question, stage({ model: "qwen", during: { llm: down } }));
}

mkdirSync(docs, { recursive: true });
mkdirSync(FOLDER, { recursive: true });
for (const searchAttributes of [true, false]) {
  const env = await startTestServer({ searchAttributes });
  if (searchAttributes) {
    await recordPipelines(env);
    await recordUpdates(env);
    await recordReleases(env);
    await recordQuestions(env);
  } else await record(env, "pipeline-memo", "pipeline", corpus("memo"), stage());
  await env.teardown();
}
process.exit(0);
