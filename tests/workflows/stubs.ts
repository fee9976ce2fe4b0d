import { randomUUID } from "node:crypto";
import { heartbeat, sleep } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { Worker } from "@temporalio/worker";
import type { ChampionPlan } from "../../activities/champion.ts";
import type { ChampionInput, Verdict } from "../../activities/deploy.ts";
import type { FirstPlan } from "../../activities/firstRelease.ts";
import { createLightActivities } from "../../activities/light.ts";
import type { PlanInput, TrainingPlan } from "../../activities/retrain.ts";
import type { SourceCheck } from "../../activities/source.ts";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { InstalledModel } from "../../contracts/models.ts";
import { QUEUES, type QueueName } from "../../contracts/names.ts";
import type { CorpusChanges } from "../../contracts/pipeline.ts";
import { WinnowError } from "../../core/base/errors.ts";
import type { InstalledModels } from "../../core/models/installed.ts";
import { STAGE_KEYS } from "../../core/stages/index.ts";
import type { StageMode } from "../../core/stages/stage.ts";
import type { Releases } from "../../core/storage/releases.ts";
import { SHARED_OPTIONS } from "../../workers/options.ts";
import { temporalFacts } from "../../workers/temporalFacts.ts";
import { workflowBundle } from "../../workers/workflowBundle.ts";
import { BUNDLES } from "../server.ts";
import { askActivities } from "./askStubs.ts";
import { evaluation } from "./evaluation.ts";

export const RELEASE = "0123456789ab";
/** A release that serves before it is measured. */
export const FIRST = "fedcba987654";

/** The model that the stubs' operator installed. */
export const INSTALLED: InstalledModel = {
  ...{ name: "acme/small-embedder", kind: "embedder", family: "bert", dimensions: 32, maxTokens: 64 },
  ...{ pooling: "mean", prefixes: { question: "", passage: "" }, licence: null, bytes: 1, parameters: 1 },
  ...{ source: { from: "folder" }, artifact: ref("installed"), installedAt: "2026-01-01T00:00:00.000Z" },
};

export function ref(name: string): ArtifactRef {
  const sha256 = Buffer.from(name.padEnd(32, "_")).toString("hex").slice(0, 64);
  return { uri: `winnow:${name}/${sha256}`, sha256, bytes: 1 };
}

/** Requests that the stub activities received, in order, and their behaviour. */
export interface Stage {
  calls: string[];
  modes: Record<string, StageMode>;
  /** Number of passages of the ingest stage. */
  passages: number;
  verdict: Partial<Verdict> & { promoted?: boolean };
  /** Runs inside an activity, by name: throw to fail it, wait to hold it. */
  during: Record<string, (input: unknown) => Promise<void> | void>;
  /** Result of the source check: the outcome of an earlier run. */
  unchanged: SourceCheck["unchanged"];
  /** Page diff against the champion. */
  changes: CorpusChanges | null;
  /** Whether to train: before the evaluation, and after it. */
  retrain: { first: boolean; second: boolean };
  /** Whether a release may serve before it is measured. Default: a measured one serves already. */
  first: FirstPlan;
  /** Questions that its calibration finds. */
  calibratedOn: number;
  trainingSteps: number;
  /** What the preparation of training data found. */
  prepared: { groups: number; allPages?: true; voted?: { trained: string; untrained: string } };
  /** Why the LLM is asked for no question. */
  obstacle?: string;
  /** Number of recorded runs. */
  recorded: number;
  /** Number of questions that the evaluation has to score. */
  questions: number;
  /** Number of workers that poll a queue; null asks the server. */
  workers: number | null;
  onDemand: QueueName[];
  abstain: boolean;
  model: string | null;
  /** Ledger entry of the last promotion. */
  promotion?: ChampionInput;
}

export function stage(overrides: Partial<Stage> = {}): Stage {
  const usual = {
    calls: [],
    modes: {},
    passages: 25,
    verdict: {},
    during: {},
    unchanged: null,
    changes: null,
    retrain: { first: true, second: false },
    first: { serve: false, why: "measured" } as const,
    calibratedOn: 50,
    trainingSteps: 5,
    prepared: { groups: 9 },
    recorded: 0,
    questions: 0,
    workers: null,
    onDemand: [],
    abstain: false,
    model: null,
  };
  return { ...usual, ...overrides };
}

function planOf({ ingest, now, training }: PlanInput, train: boolean): TrainingPlan {
  return {
    train,
    why: train ? "much is new" : "little is new",
    reranker: train ? null : { train: ref("champion"), untrained: ref("untrained") },
    budget: { minutes: training.budgetMinutes ?? 20, why: "the budget is 0" },
    record: { at: now, ingest, basis: {} },
  };
}

/** A finished stage whose details no test checks. */
const stored = { skipped: false, why: "first run", seconds: 0, summary: "stored", facts: null };

function stepActivities(play: Stage) {
  const step =
    (name: string, facts: unknown = {}) =>
    async (input: { mode: StageMode; first?: number; index?: number }) => {
      const shard = input.first ?? input.index;
      const label = shard === undefined ? name : `${name}@${shard}`;
      play.calls.push(label);
      play.modes[name] = input.mode;
      await play.during[name]?.(input);
      const skipped = input.mode.cachedOnly;
      return {
        ref: ref(label),
        skipped,
        why: skipped ? "cached" : "first run",
        seconds: 1,
        summary: `${name} done`,
        facts,
      };
    };
  const everyStage = STAGE_KEYS.map((key) => [key, async () => ({ ...stored, ref: ref(key) })]);
  return {
    ...Object.fromEntries(everyStage),
    async checkSource(): Promise<SourceCheck> {
      const parts = { stage: "run", inputs: {}, options: {}, code: "c" };
      const source = { kind: "folder" as const, version: "d" };
      return { source, parts, unchanged: play.unchanged, why: "as before" };
    },
    async recordRun() {
      play.recorded++;
    },
    async compareDocs() {
      return play.changes;
    },
    planTraining: async (input: PlanInput) => planOf(input, play.retrain.first),
    reconsiderTraining: async (input: PlanInput) => planOf(input, play.retrain.second),
    async storeModel(input: { role: string }) {
      await play.during.storeModel?.(input);
      return { ...stored, facts: { name: input.role }, ref: ref(input.role) };
    },
    ingest: step("ingest", { digest: "d", pages: 3, passages: play.passages, quarantined: 0 }),
    embed: step("embed", { count: 1, embedded: 1 }),
    buildIndex: step("buildIndex", { recallAt100: 1 }),
    firstCalibration: step("firstCalibration", { questions: play.calibratedOn }),
    planMining: async (input: { mode: StageMode }) => ({ passages: input.mode.cachedOnly ? 0 : play.passages }),
    writeQuestions: step("writeQuestions", { written: 1, ...(play.obstacle ? { obstacle: play.obstacle } : {}) }),
    gradeQuestions: step("gradeQuestions", { answered: 1 }),
    mineShard: step("mineShard", { questions: 1 }),
    heldout: step("heldout", play.prepared.allPages ? { allPages: true } : {}),
    prepareTraining: step("prepareTraining", play.prepared),
    train: step("train", { steps: play.trainingSteps, firstLoss: 1, lastLoss: 0.5 }),
    planScoring: async () => ({ questions: play.questions }),
    scoreShard: step("scoreShard", { questions: 1 }),
    evaluate: step("evaluate", { summary: evaluation, evidence: {} }),
  };
}

function deployActivities(play: Stage) {
  return {
    async decideRelease(input: unknown): Promise<Verdict> {
      play.calls.push("decideRelease");
      await play.during.decideRelease?.(input);
      const { promoted = true, ...verdict } = play.verdict;
      const gate = {
        promoted,
        ranking: "retrieval" as const,
        reason: promoted ? "first release" : "worse",
        criteria: [],
      };
      const usual = { release: RELEASE, gate, champion: null, ndcg: 0.5, report: "report.html", serving: false };
      return { ...usual, approvable: promoted, ...verdict };
    },
    planFirst: async () => play.first,
    async commitFirst() {
      play.calls.push("commitFirst");
      return { release: FIRST, reason: "not measured yet" };
    },
    async promote(change: ChampionInput) {
      play.calls.push("promote");
      play.promotion = change;
      await play.during.promote?.(change);
    },
    async planPromotion({ release, by }: { release: string; by: string }): Promise<ChampionPlan> {
      return planned("promotion", release, by);
    },
    async planRollback({ by }: { by: string }): Promise<ChampionPlan> {
      return planned("rollback", RELEASE, by);
    },
    async verifyRelease() {
      play.calls.push("verifyRelease");
      await play.during.verifyRelease?.({});
    },
  };
}

function planned(kind: ChampionPlan["kind"], release: string, by: string): ChampionPlan {
  return { corpus: "sample", release, kind, expected: "ba9876543210", by, reason: "by hand", searchable: true };
}

/** A ledger with only a champion. */
const releases = {
  champion: async (corpus?: string) => (corpus === "nothing" ? null : { release: RELEASE, corpus: "sample" }),
  async read(id: string) {
    if (id !== RELEASE) throw new WinnowError("UnknownRelease", `${id} matches no release.`);
    return { id, manifest: { corpus: "sample" } };
  },
} as unknown as Releases;

/** One model is installed. */
const installed: Pick<InstalledModels, "find"> = {
  find: async (name) => (name === INSTALLED.name ? INSTALLED : null),
};

/** Runs `test` with workers of all pools (or of some) around stub activities. */
export async function withWorkers<T>(
  env: TestWorkflowEnvironment,
  play: Stage,
  test: () => Promise<T>,
  queues: QueueName[] = Object.values(QUEUES),
): Promise<T> {
  const temporal = temporalFacts(env.nativeConnection, env.namespace ?? "default");
  const root = new URL("../..", import.meta.url).pathname;
  const operator = { sources: { roots: null, hosts: [], origins: [] }, hasLlm: true, onDemand: play.onDemand };
  const activities = {
    ...createLightActivities({ releases, installed, temporal, root, ...operator }),
    ...(play.workers === null ? {} : { pollersOf: async () => play.workers }),
    ...stepActivities(play),
    ...deployActivities(play),
    ...askActivities(play),
  };
  const bundle = await workflowBundle(BUNDLES);
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        ...SHARED_OPTIONS,
        connection: env.nativeConnection,
        taskQueue,
        activities,
        ...(taskQueue === QUEUES.main ? { workflowBundle: bundle } : {}),
      }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    return await test();
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
  }
}

/** Works until it is cancelled. */
export async function untilCancelled(): Promise<void> {
  for (;;) {
    heartbeat();
    await sleep(200);
  }
}

export function workflowId(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`;
}

export function unavailable(message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type: "LlmUnavailable", nextRetryDelay: "100 milliseconds" });
}
