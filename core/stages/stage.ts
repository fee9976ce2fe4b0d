import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { QueueName, StageName } from "../../contracts/names.ts";
import type { VectorServer } from "../base/compute.ts";
import type { TaskProgress, WorkContext } from "../base/progress.ts";
import type { DocsDeps } from "../docs/fetchedDocs.ts";
import type { Llm } from "../llm/llm.ts";
import type { Releases } from "../storage/releases.ts";
import type { StepCache } from "../storage/stepCache.ts";
import type { ArtifactStore } from "../storage/store.ts";
import type { Entry } from "./recipe.ts";

/** How far a stage may reuse an earlier result. */
export interface StageMode {
  /** Run although the cached result is valid. */
  force: boolean;
  /** Never run: take what an earlier run left, or fail. */
  cachedOnly: boolean;
}

/** What every stage is given, beside its own fields. */
export interface StageInput {
  corpus: string;
  mode: StageMode;
}

/** What stages work with; made once, in the worker. */
export interface StageContext extends DocsDeps {
  store: ArtifactStore;
  steps: StepCache;
  releases: Releases;
  /** Digest of each step's code, and of the code that scores a pair. */
  code: Record<string, string>;
  models: {
    /** Folder of the embedding model. */
    embedder: string;
    /** Folder training starts from: a cross-encoder with a trained head, or the embedder. */
    base: string;
  };
  /** Vector database that indexes are built on; null: none, FAISS. */
  vectors: VectorServer | null;
  /** The operator's endpoint for writing questions; null: none is configured. */
  llm: Llm | null;
  /** Runs a stage's work, by the stage's key in the table, in a compute process. */
  compute(task: string, args: object, pulse: Pulse): Promise<unknown>;
}

/** Where work reports its progress, and hears that it is to stop. */
export interface Pulse {
  signal: AbortSignal;
  onProgress(progress: TaskProgress): void;
}

/** A file of the operator's or a folder of this machine, by its content; or something known by its digest alone. */
export type Place = { file: string } | { folder: string } | { digest: string };
/** What a stage reads. Artifacts are checked before the work sees them. */
export type Read = ArtifactRef | readonly ArtifactRef[] | Place | null;
export type Reads = Record<string, Read>;

type PathOf<T> = T extends null | { digest: string } ? null : T extends readonly ArtifactRef[] ? string[] : string;
/** Paths on this machine of what a stage reads. */
export type Found<T extends Reads> = { [K in keyof T]: PathOf<T[K]> };

/** A function that runs in a compute process, by the file that exports it. */
export interface Work<A extends { outDir: string } = { outDir: string }, R = unknown> {
  file: string;
  name: string;
  /** Carries the types; never set. */
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

/** One run of a stage, as its `run` sees it. */
export interface StageRun<A, R> extends Pulse {
  context: StageContext;
  /** Draft of the artifact, to be filled. */
  outDir: string;
  /** Key of the result: names what another attempt of the same work may find again, such as checkpoints. */
  key: string;
  /** When the first attempt was asked for, in milliseconds since 1970. */
  since: number;
  /** Runs the stage's work in a compute process. `outDir` is filled in. */
  compute(args: Omit<A, "outDir">): Promise<R>;
  /** Folder of an artifact that decides nothing about the result, such as a shard's. */
  open(ref: ArtifactRef): Promise<string>;
}

/** A line for people, and facts for later stages. */
export interface Done<F> {
  summary: string;
  facts: F;
}

/**
 * One step of the pipeline with a cached result: what it reads, its options, its work. Its cache key, recipe, activity,
 * heartbeat, metrics label and compute task follow from the row it has in the table (index.ts).
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
  /** The pipeline's stage it is a part of, by which people see it. */
  of: StageName;
  /** Task queue of the workers that run it; null: it runs inside another activity. */
  queue: QueueName | null;
  /** Tells the shards of a step apart. */
  slot?(input: I): string | undefined;
  /** Whether the run hears its progress. Default: yes, unless it is a shard, of which there may be hundreds. */
  reports?(input: I): boolean;
  reads(input: I, context: StageContext): R | Promise<R>;
  options(input: I, context: StageContext): Record<string, unknown>;
  /** Checks what the artifact needs beyond its own files; throws where that is gone, and the step runs again. */
  verify?(folder: string, context: StageContext): Promise<void>;
  /** Default: all of the work is done by `run` itself. */
  work?: Work<A, W>;
  /** Code that `run` uses itself and whose change makes results stale. */
  also?: readonly Entry[];
  run(found: Found<R>, input: I, run: StageRun<A, W>): Promise<Done<F>>;
  /** Removes what only another attempt would have needed: until the result is recorded there may be one. */
  recorded?(key: string, context: StageContext): Promise<void>;
}

/** Types a stage's row; the input is annotated in the parameters, all else is inferred. */
export function defineStage<
  I extends StageInput,
  R extends Reads,
  F,
  A extends { outDir: string } = { outDir: string },
  W = unknown,
>(stage: Stage<I, R, A, W, F>): Stage<I, R, A, W, F> {
  return stage;
}

/** What a step of the pipeline came to. */
export interface StepOutcome<F> {
  ref: ArtifactRef;
  skipped: boolean;
  why: string;
  seconds: number;
  summary: string;
  facts: F;
}
