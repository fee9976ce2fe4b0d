import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { PassageLabel } from "../../contracts/labels.ts";
import type { QueueName, StageName } from "../../contracts/names.ts";
import type { VectorServer } from "../base/compute.ts";
import type { TaskProgress, WorkContext } from "../base/progress.ts";
import type { DocsDeps } from "../docs/fetchedDocs.ts";
import type { Llm } from "../llm/llm.ts";
import type { Releases } from "../storage/releases.ts";
import type { StepCache } from "../storage/stepCache.ts";
import type { ArtifactStore } from "../storage/store.ts";
import type { Entry } from "./recipe.ts";

/** Permission of a stage to reuse an earlier result. */
export interface StageMode {
  /** Run even if the cached result is valid. */
  force: boolean;
  /** Never run: reuse the last result, or fail. */
  cachedOnly: boolean;
}

/** Common input of all stages. */
export interface StageInput {
  corpus: string;
  mode: StageMode;
}

/** Dependencies of stages, created once in the worker. */
export interface StageContext extends DocsDeps {
  store: ArtifactStore;
  steps: StepCache;
  releases: Releases;
  /** Digest of each step's code, and of the code that scores a pair. */
  code: Record<string, string>;
  models: {
    /** Folder of the embedding model. */
    embedder: string;
    /** Folder that training starts from: a cross-encoder with a trained head, or the embedder. */
    base: string;
  };
  /** Vector database for indexes; null uses FAISS. */
  vectors: VectorServer | null;
  /** The operator's endpoint for writing questions, or null. */
  llm: Llm | null;
  /** Accepted votes on a corpus, as labels of passages. */
  labels(corpus: string): Promise<PassageLabel[]>;
  /** Runs a stage's work, by the stage's key in the table, in a compute process. */
  compute(task: string, args: object, pulse: Pulse): Promise<unknown>;
}

/** Reports the progress of work, and cancels it. */
export interface Pulse {
  signal: AbortSignal;
  onProgress(progress: TaskProgress): void;
}

/** A file of the operator or a folder of this machine, identified by content, or something known only by its digest. */
export type Place = { file: string } | { folder: string } | Known;

/** Something looked up once: its digest is part of the key, and `value` is what the work sees. */
export interface Known<V = unknown> {
  digest: string;
  value: V;
}
/** Input of a stage. Artifacts are verified before the work starts. */
export type Read = ArtifactRef | readonly ArtifactRef[] | Place | null;
export type Reads = Record<string, Read>;

type PathOf<T> = T extends null
  ? null
  : T extends Known<infer V>
    ? V
    : T extends readonly ArtifactRef[]
      ? string[]
      : string;
/** Local paths of a stage's inputs. */
export type Found<T extends Reads> = { [K in keyof T]: PathOf<T[K]> };

/** A function that runs in a compute process, by the file that exports it. */
export interface Work<A extends { outDir: string } = { outDir: string }, R = unknown> {
  file: string;
  name: string;
  /** Carries the types and is never set. */
  readonly types?: { args: A; result: R };
}

type WorkFunction = (args: never, context: WorkContext) => Promise<unknown>;

/**
 * Names the function that a stage runs in a compute process.
 *
 * @param file relative to core/stages
 * @example work: workIn<typeof embedPassages>("work/embedPassages.ts", "embedPassages")
 */
export function workIn<F extends WorkFunction>(
  file: string,
  name: string,
): Work<Parameters<F>[0] & { outDir: string }, Awaited<ReturnType<F>>> {
  return { file, name };
}

/** One run of a stage, as passed to its `run`. */
export interface StageRun<A, R> extends Pulse {
  context: StageContext;
  /** Draft folder of the artifact. */
  outDir: string;
  /** Key of the result. It names data that another attempt at the same work can reuse, such as checkpoints. */
  key: string;
  /** When the first attempt was scheduled, in milliseconds since 1970. */
  since: number;
  /** Runs the stage's work in a compute process; `outDir` is filled in. */
  compute(args: Omit<A, "outDir">): Promise<R>;
  /** Folder of an artifact that does not affect the result, such as a shard's. */
  open(ref: ArtifactRef): Promise<string>;
}

/** A line for people, and facts for later stages. */
export interface Done<F> {
  summary: string;
  facts: F;
}

/**
 * One step of the pipeline with a cached result: its inputs, options and work. Its cache key, recipe, activity,
 * heartbeat, metrics label and compute task follow from its row in the table (index.ts).
 */
export interface Stage<
  I extends StageInput = StageInput,
  R extends Reads = Reads,
  A extends { outDir: string } = { outDir: string },
  W = unknown,
  F = unknown,
> {
  /** Names the step in the cache, and the kind of its artifact. */
  name: string;
  /** The pipeline stage that it belongs to, which users see. */
  of: StageName;
  /** Task queue of its workers; null if it runs inside another activity. */
  queue: QueueName | null;
  /** Distinguishes the shards of a step. */
  slot?(input: I): string | undefined;
  /** Whether it reports progress to the run. Default: yes, except for shards, of which there may be hundreds. */
  reports?(input: I): boolean;
  /** Looks the inputs up. A slow look-up reports its progress to `pulse` and is cancelled by it. */
  reads(input: I, context: StageContext, pulse?: Pulse): R | Promise<R>;
  options(input: I, context: StageContext): Record<string, unknown>;
  /** Inputs that the last result must share to be reused by a run of a later stage alone. Default: none. */
  shares?: readonly (keyof R & string)[];
  /** Checks dependencies outside the artifact. If it throws because they are gone, the step runs again. */
  verify?(folder: string, context: StageContext): Promise<void>;
  /** Default: `run` does all the work itself. */
  work?: Work<A, W>;
  /** Further code of `run` that makes results stale when it changes. */
  also?: readonly Entry[];
  run(found: Found<R>, input: I, run: StageRun<A, W>): Promise<Done<F>>;
  /** Removes data that only another attempt would need, after the result is recorded. */
  recorded?(key: string, context: StageContext): Promise<void>;
}

/** Types a row. Only the parameters need an annotated input; all else is inferred. */
export function defineStage<
  I extends StageInput,
  R extends Reads,
  F,
  A extends { outDir: string } = { outDir: string },
  W = unknown,
>(stage: Stage<I, R, A, W, F>): Stage<I, R, A, W, F> {
  return stage;
}

/** Outcome of a step of the pipeline. */
export interface StepOutcome<F> {
  ref: ArtifactRef;
  skipped: boolean;
  why: string;
  seconds: number;
  summary: string;
  facts: F;
}
