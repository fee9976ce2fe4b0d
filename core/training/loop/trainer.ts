import { createHash } from "node:crypto";
import type { TaskContext } from "../../base/progress.ts";
import { type BaseModel, weightsDigest } from "../../models/baseModel.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { RARITY } from "../../models/matching.ts";
import { assertTokenizerMatches } from "../../models/matchTokenizer.ts";
import { tokenRarity } from "../../models/rarity.ts";
import { openTokenizer } from "../../models/tokenizer.ts";
import { type FolderLock, type LockPatience, lockFolder } from "../../storage/lock/folderLock.ts";
import { Checkpoints, type TrainingLog } from "./checkpoint.ts";
import { TrainingEngine } from "./engine.ts";
import { exportCrossEncoder } from "./export.ts";
import { measure } from "./measure.ts";
import { planSteps, type RunIdentity, type TrainingPlan } from "./schedule.ts";
import { settingsOf, type TrainingOptions, type TrainingSettings } from "./settings.ts";
import { onlyTeachable } from "./teachable.ts";
import type { TrainingReport } from "./trainingReport.ts";
import { type Run, trainToEnd } from "./trainLoop.ts";

/**
 * Fine-tunes a cross-encoder on groups of one question, its positive and its negatives, and writes it to `outDir` as a
 * standard model folder. The number of steps is planned from `budgetMinutes` before the first step and revised during
 * the run (revise.ts). A run that finds its own checkpoints continues by their plan and ends with the same bits as an
 * uninterrupted run. Groups and negatives that teach nothing are left out and counted. Throws what `trainToEnd` and
 * `lockFolder` throw, BadInput for invalid options, and LockLost.
 */
export async function trainCrossEncoder(
  options: TrainingOptions,
  ctx: TaskContext,
  patience?: LockPatience,
): Promise<TrainingReport> {
  return inFolder(options.checkpointDir, ctx, (lock) => trainHolding(options, lock, ctx), patience);
}

/** Runs `work` while holding the lock of a checkpoint folder. Throws what `lockFolder` throws. */
export async function inFolder<T>(
  folder: string,
  ctx: TaskContext,
  work: (lock: FolderLock) => Promise<T>,
  patience?: LockPatience,
): Promise<T> {
  const lock = await lockFolder(folder, ctx, patience);
  try {
    return await work(lock);
  } finally {
    await lock.free();
  }
}

/** `trainCrossEncoder` for a caller that already holds the lock. */
export async function trainHolding(
  given: TrainingOptions,
  lock: FolderLock,
  ctx: TaskContext,
): Promise<TrainingReport> {
  const settings = settingsOf(given);
  const { options, leftOut } = onlyTeachable(given);
  const base = await openBaseModel(options.baseDir, options.seed, options.baseName);
  const tokenizer = await openTokenizer(options.baseDir);
  assertTokenizerMatches(tokenizer, base, options.baseDir);
  if (!base.hasHead) {
    const texts = options.texts ?? new Set(options.groups.flatMap((group) => group.passages));
    base.weights.set(RARITY, await tokenRarity(tokenizer, texts, base.network.vocabulary, ctx));
  }
  // Counting tokens takes longer in larger docs, and is no part of the budget.
  const started = performance.now();
  settings.maxTokens = Math.min(settings.maxTokens, base.network.positions);
  if (base.network.maskWidth === 0) settings.dropout = 0;
  return trainIn(
    lock,
    identityOf(options, settings, base),
    { options, leftOut, settings, base, tokenizer },
    started,
    ctx,
  );
}

async function trainIn(
  lock: FolderLock,
  identity: RunIdentity,
  given: Omit<Run, "plan" | "engine" | "checkpoints" | "lessons">,
  started: number,
  ctx: TaskContext,
): Promise<TrainingReport> {
  const { base, settings, options } = given;
  const checkpointsOf = (elements: number) => new Checkpoints(options.checkpointDir, elements, lock);
  const frozen = await checkpointsOf(0).plan(identity);
  const engine = await TrainingEngine.open(base, {
    ...settings,
    threads: frozen?.threads ?? settings.threads,
    provider: options.provider,
  });
  try {
    const prepared = { ...given, engine, checkpoints: checkpointsOf(engine.layout.size), lessons: new WeakMap() };
    const plan = frozen ?? (await freezePlan(prepared, identity, started, ctx));
    const run = { ...prepared, plan };
    if (plan.steps < (options.leastSteps ?? 1)) return notTrained(run);
    const { log, resumedFrom } = await trainToEnd(run, ctx);
    await lock.assertHeld();
    return await finish(run, log, resumedFrom);
  } finally {
    await engine.close();
  }
}

async function freezePlan(
  prepared: Omit<Run, "plan">,
  identity: RunIdentity,
  started: number,
  ctx: TaskContext,
): Promise<TrainingPlan> {
  ctx.progress({ step: 0, of: 1, note: "measuring a training step" });
  const { options, settings, engine, tokenizer, checkpoints } = prepared;
  const times = await measure(engine, tokenizer, options.groups, settings, options.seed);
  const measured = {
    ...times,
    setupSeconds: (performance.now() - started) / 1000,
    groups: options.groups.length,
    validationGroups: options.validation.length,
  };
  const steps = planSteps(measured, { ...settings, budgetMinutes: options.budgetMinutes });
  const plan = { run: identity, brokeAt: null, before: [], ...steps };
  await checkpoints.begin(plan);
  return plan;
}

/** The report of a training that would be too short to help. */
function notTrained({ plan, leftOut, settings, base }: Run): TrainingReport {
  const none = { steps: 0, pairs: 0, cutPairs: 0, seconds: 0, pairsPerSecond: 0, losses: [], validation: [] };
  const skipped = { planned: plan.steps, for: plan.steps < plan.maxSteps ? ("time" as const) : ("data" as const) };
  const state = { bestStep: 0, stoppedEarly: false, base: base.name, resumedFrom: null };
  return { ...none, ...state, maxTokens: settings.maxTokens, leftOut, skipped };
}

async function finish(run: Run, log: TrainingLog, resumedFrom: number | null): Promise<TrainingReport> {
  const { base, engine, checkpoints, options, leftOut, settings, plan } = run;
  const weights = engine.layout.scatter(await checkpoints.best(log.bestStep));
  const { step, validationSeconds: _, revisions: __, unvalidated: ___, ...rest } = log;
  const pairsPerSecond = log.seconds > 0 ? log.pairs / log.seconds : 0;
  const report = {
    steps: step,
    ...rest,
    leftOut,
    maxTokens: settings.maxTokens,
    pairsPerSecond,
    base: base.name,
    resumedFrom,
    ...(plan.before.length ? { brokeDown: plan.before } : {}),
  };
  await exportCrossEncoder(options, base, new Map([...base.weights, ...weights]), settings, report);
  return report;
}

/** Identifies a run by everything that determines its result, except the duration of its steps. */
function identityOf(options: TrainingOptions, settings: TrainingSettings, base: BaseModel): RunIdentity {
  const { threads: _, checkpointSeconds: __, learningRate, headLearningRate, ...fixed } = settings;
  const { groups, validation, budgetMinutes, seed } = options;
  const { fingerprint } = base.network;
  const text = JSON.stringify({ format: 5, fixed, groups, validation, budgetMinutes, seed, fingerprint });
  const family = createHash("sha256").update(text).update(weightsDigest(base.weights)).digest("hex");
  const key = createHash("sha256").update(JSON.stringify({ family, learningRate, headLearningRate })).digest("hex");
  return { key, family, learningRate, headLearningRate };
}
