import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { folderDigest } from "../base/folderDigest.ts";
import { givenDigest } from "../base/given/digest.ts";
import { type StepParts, type StepRecord, stepKey } from "../storage/stepCache.ts";
import { isOutage } from "../storage/storage.ts";
import type { Done, Found, Pulse, Read, Reads, Stage, StageContext, StageInput, StepOutcome } from "./stage.ts";

type Output<F> = Pick<StepOutcome<F>, "ref" | "summary" | "facts">;

/** One attempt at a stage. */
export interface Attempt extends Pulse {
  /** Key in the table, which is also the name of the compute task. */
  task: string;
  since: number;
}

/** A stage with its types erased, for the runner. */
// biome-ignore lint/suspicious/noExplicitAny: any row of the table
type AnyStage<I extends StageInput, F> = Stage<I, any, any, any, F>;

/**
 * Runs a stage. Reuses the cached result if its key is the same and its artifact intact. Otherwise computes into a
 * draft, publishes it, and records it. A cancelled attempt publishes nothing.
 *
 * @throws WinnowError what the stage throws; `MissingArtifact` if nothing is cached and the mode allows no run
 */
export async function runStage<I extends StageInput, F>(
  stage: AnyStage<I, F>,
  input: I,
  context: StageContext,
  attempt: Attempt,
): Promise<StepOutcome<F>> {
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;
  const reads: Reads = await stage.reads(input, context, attempt);
  const parts = await partsOf(stage, input, reads, context);
  const found = await reusable<I, F>(stage, input, parts, context);
  if (found.output) return { ...found.output, skipped: true, why: found.why, seconds: seconds() };
  if (input.mode.cachedOnly) throw missing(stage, input, found.why);
  const output = await produce(stage, input, { reads, key: stepKey(parts), context, attempt });
  await context.steps.record(input.corpus, parts, output, stage.slot?.(input));
  await stage.recorded?.(stepKey(parts), context);
  return { ...output, skipped: false, why: found.why, seconds: seconds() };
}

/** True if the stage would be skipped because its cached result is intact. */
export async function isDone<I extends StageInput>(
  stage: AnyStage<I, unknown>,
  input: I,
  context: StageContext,
): Promise<boolean> {
  const parts = await partsOf(stage, input, await stage.reads(input, context), context);
  return (await reusable(stage, input, parts, context)).output !== null;
}

/** Digests of the inputs of a stage, by name, as in the key of its result. */
export async function inputsOf(reads: Reads): Promise<Record<string, string>> {
  const digests = await Promise.all(Object.values(reads).map(digestOf));
  return Object.fromEntries(Object.keys(reads).map((name, at) => [name, digests[at]!]));
}

async function partsOf<I extends StageInput>(
  stage: AnyStage<I, unknown>,
  input: I,
  reads: Reads,
  context: StageContext,
): Promise<StepParts> {
  const code = context.code[stage.name] ?? "";
  return { stage: stage.name, inputs: await inputsOf(reads), options: stage.options(input, context), code };
}

async function digestOf(read: Read): Promise<string> {
  if (read === null) return "none";
  if ("file" in read) return givenDigest(read.file);
  if ("folder" in read) return folderDigest(read.folder);
  if ("digest" in read) return read.digest;
  return isRef(read) ? read.sha256 : read.map(({ sha256 }) => sha256).join(" ");
}

function isRef(read: ArtifactRef | readonly ArtifactRef[]): read is ArtifactRef {
  return "sha256" in read;
}

async function locate(reads: Reads, { store }: StageContext): Promise<Found<Reads>> {
  const path = async (read: Read) => {
    if (read === null) return null;
    if ("digest" in read) return read.value;
    if ("file" in read) return read.file;
    if ("folder" in read) return read.folder;
    return isRef(read) ? store.resolve(read) : Promise.all(read.map((ref) => store.resolve(ref)));
  };
  const paths = await Promise.all(Object.values(reads).map(path));
  return Object.fromEntries(Object.keys(reads).map((name, at) => [name, paths[at]])) as Found<Reads>;
}

async function reusable<I extends StageInput, F>(
  { name, slot, verify, shares = [] }: AnyStage<I, F>,
  input: I,
  parts: StepParts,
  context: StageContext,
): Promise<{ output: Output<F> | null; why: string }> {
  const { corpus, mode } = input;
  const { steps, store } = context;
  if (mode.force) return { output: null, why: "forced" };
  const exact: StepRecord<Output<F>> | null = await steps.find(parts);
  const record = exact ?? (mode.cachedOnly ? await steps.latest<Output<F>>(corpus, name, slot?.(input)) : null);
  const other = shares.some((read) => record && record.parts.inputs[read] !== parts.inputs[read]);
  if (!record || other) return { output: null, why: await steps.explain(corpus, parts, slot?.(input)) };
  try {
    const folder = await store.resolve(record.output.ref);
    await verify?.(folder, context);
  } catch (error) {
    if (isOutage(error)) throw error;
    return { output: null, why: `its artifact is unusable: ${messageOf(error)}` };
  }
  const same = `same inputs, options and code as the run of ${record.finishedAt.slice(0, 16).replace("T", " ")} UTC`;
  return { output: record.output, why: exact ? same : "reused from the last run" };
}

interface Production {
  reads: Reads;
  key: string;
  context: StageContext;
  attempt: Attempt;
}

async function produce<I extends StageInput, F>(
  stage: AnyStage<I, F>,
  input: I,
  { reads, key, context, attempt }: Production,
): Promise<Output<F>> {
  const { store } = context;
  const { task, since, signal, onProgress } = attempt;
  const outDir = await store.draft(stage.name);
  try {
    const { summary, facts }: Done<F> = await stage.run(await locate(reads, context), input, {
      ...{ context, outDir, key, since, signal, onProgress },
      compute: (args: object) => context.compute(task, { ...args, outDir }, { signal, onProgress }),
      open: (ref: ArtifactRef) => store.resolve(ref),
    });
    // Fence: an attempt that Temporal has abandoned must not publish.
    if (signal.aborted) throw new WinnowError("Cancelled", `${stage.name} was cancelled`);
    return { ref: await store.commit(outDir, stage.name), summary, facts };
  } catch (error) {
    await store.discard(outDir);
    throw error;
  }
}

function missing({ of: stage }: Pick<Stage, "of">, { corpus }: { corpus: string }, why: string): WinnowError {
  return new WinnowError(
    "MissingArtifact",
    `Stage ${stage} has no result for corpus ${corpus} (${why}). Run it first: npx winnow run --docs PATH --name ${corpus} --until ${stage}`,
  );
}
