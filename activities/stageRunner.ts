import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { StageName } from "../contracts/names.ts";
import type { VectorServer } from "../core/base/compute.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import type { TaskRunner } from "../core/runtime/host.ts";
import type { CodeVersions, StepName } from "../core/stages/codeVersion.ts";
import type { tasks } from "../core/stages/tasks.ts";
import { type StepCache, type StepParts, type StepRecord, stepKey } from "../core/storage/stepCache.ts";
import { isOutage } from "../core/storage/storage.ts";
import type { ArtifactStore } from "../core/storage/store.ts";
import { type Pulse, withHeartbeat } from "./heartbeat.ts";
import { storyTeller } from "./tell.ts";

/** Runs a task in a compute process; `runTask` with the worker's threads and environment filled in. */
export type Compute = TaskRunner<typeof tasks>;

/** What every stage needs; made once, in the worker. */
export interface StageDeps {
  home: string;
  store: ArtifactStore;
  steps: StepCache;
  compute: Compute;
  code: CodeVersions;
  models: {
    /** Folder of the embedding model. */
    embedder: string;
    /** Folder training starts from: a cross-encoder with a trained head, or the embedder. */
    base: string;
  };
  /** Vector database that indexes are built on; null: none, FAISS. */
  vectors?: VectorServer | null;
}

/** How far a stage may reuse what is there. */
export interface StepMode {
  /** Run although the cached result is valid. */
  force: boolean;
  /** Never run: take what an earlier run left, or fail. */
  cachedOnly: boolean;
}

export interface Step<F> {
  name: StepName;
  stage: StageName;
  corpus: string;
  /** Tells the shards of a stage apart. */
  slot?: string;
  /** Whether the run hears how far the step is. Default: yes, where it is no shard, of which there may be hundreds. */
  tells?: boolean;
  inputs: Record<string, string>;
  options: Record<string, unknown>;
  mode: StepMode;
  /** Looks at what the artifact needs beyond its own files; throws where that is gone, and the step runs again. */
  verify?(folder: string): Promise<void>;
  /** Fills the draft folder; gives a line for people and facts for later stages. */
  work(draft: string, pulse: Pulse, key: string): Promise<{ summary: string; facts: F }>;
  /** Removes what only another attempt would have needed: until the result is recorded there may be one. */
  recorded?(key: string): Promise<void>;
}

/** What is to be known of a step to tell whether it was done. */
type StepQuestion<F> = Omit<Step<F>, "work" | "recorded">;

export interface StepOutcome<F> {
  ref: ArtifactRef;
  skipped: boolean;
  why: string;
  seconds: number;
  summary: string;
  facts: F;
}

type Output<F> = Pick<StepOutcome<F>, "ref" | "summary" | "facts">;

/**
 * One stage, or one step of a stage: reuses the cached result where its key is the same and its artifact sound, else
 * computes into a draft, publishes it, and records it. A cancelled or timed-out attempt publishes nothing.
 */
export async function runStep<F>(deps: StageDeps, step: Step<F>): Promise<StepOutcome<F>> {
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;
  const { corpus, slot, tells = slot === undefined } = step;
  const parts = partsOf(deps, step);
  return withHeartbeat(step.stage, async (heartbeat) => {
    const pulse = tells ? aloud(heartbeat, step.stage) : heartbeat;
    const found = await reusable<F>(deps, step, parts);
    if (found.output) return { ...found.output, skipped: true, why: found.why, seconds: seconds() };
    if (step.mode.cachedOnly) throw missing(step);
    const output = await produce(deps, step, parts, pulse);
    await deps.steps.record(corpus, parts, output, slot);
    await step.recorded?.(stepKey(parts));
    return { ...output, skipped: false, why: found.why, seconds: seconds() };
  });
}

/** A pulse that the run hears as well. */
function aloud(pulse: Pulse, stage: StageName): Pulse {
  const tell = storyTeller(stage);
  return {
    signal: pulse.signal,
    onProgress(progress) {
      pulse.onProgress(progress);
      tell(progress);
    },
  };
}

/** Whether a step would be skipped: its cached result is there and sound. */
export async function isDone(deps: StageDeps, step: StepQuestion<unknown>): Promise<boolean> {
  return (await reusable(deps, step, partsOf(deps, step))).output !== null;
}

function partsOf({ code }: StageDeps, { name, inputs, options }: StepQuestion<unknown>): StepParts {
  return { stage: name, inputs, options, code: code[name] };
}

async function reusable<F>(
  { steps, store }: StageDeps,
  { corpus, slot, mode, name, verify }: StepQuestion<F>,
  parts: StepParts,
): Promise<{ output: Output<F> | null; why: string }> {
  if (mode.force) return { output: null, why: "asked for by force" };
  const exact: StepRecord<Output<F>> | null = await steps.find(parts);
  const record = exact ?? (mode.cachedOnly ? await steps.latest<Output<F>>(corpus, name, slot) : null);
  if (!record) return { output: null, why: await steps.explain(corpus, parts, slot) };
  try {
    const folder = await store.resolve(record.output.ref);
    await verify?.(folder);
  } catch (error) {
    if (isOutage(error)) throw error;
    return { output: null, why: `its artifact is unusable: ${messageOf(error)}` };
  }
  const same = `same inputs, options and code as the run of ${record.finishedAt.slice(0, 16).replace("T", " ")} UTC`;
  return { output: record.output, why: exact ? same : "taken as the last run left it" };
}

async function produce<F>(deps: StageDeps, step: Step<F>, parts: StepParts, pulse: Pulse): Promise<Output<F>> {
  const draft = await deps.store.draft(step.name);
  try {
    const { summary, facts } = await step.work(draft, pulse, stepKey(parts));
    // Fence: an attempt that Temporal has given up must not publish.
    if (pulse.signal.aborted) throw new WinnowError("Cancelled", `${step.name} was cancelled`);
    return { ref: await deps.store.commit(draft, step.name), summary, facts };
  } catch (error) {
    await deps.store.discard(draft);
    throw error;
  }
}

function missing({ stage, corpus }: Step<unknown>): WinnowError {
  return new WinnowError(
    "MissingArtifact",
    `Stage ${stage} has left nothing for corpus ${corpus}. Run it first: npx winnow run --docs PATH --name ${corpus} --until ${stage}`,
  );
}
