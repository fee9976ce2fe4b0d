import { createHash } from "node:crypto";
import { WinnowError } from "../errors.ts";
import { seededRandom } from "../evaluation/random.ts";
import { openTokenizer, type Tokenizer } from "../models/tokenizer.ts";
import type { TaskContext } from "../native/task.ts";
import { RARITY } from "../reranker/matching.ts";
import { type BaseModel, openBaseModel, weightsDigest } from "./baseModel.ts";
import { encodeGroup, SeededOrder, sampleGroup, seedFor } from "./batches.ts";
import { Checkpoints, type TrainingLog } from "./checkpoint.ts";
import { TrainingEngine } from "./engine.ts";
import { exportCrossEncoder } from "./export.ts";
import { assertTokenizerMatches } from "./matchTokenizer.ts";
import { measure } from "./measure.ts";
import { tokenRarity } from "./rarity.ts";
import { currentPlan, revise, revisedRateAt, revisionIsDue } from "./revise.ts";
import { planSteps, type TrainingPlan, updateScalars } from "./schedule.ts";
import { settingsOf, type TrainingOptions, type TrainingSettings } from "./settings.ts";
import { lessonOf } from "./targets.ts";
import { type LeftOut, onlyTeachable } from "./teachable.ts";
import { validationNdcg } from "./validation.ts";

export interface TrainingReport {
  steps: number;
  /** Question-passage pairs trained on, repeats counted. */
  pairs: number;
  /** Of them, pairs longer than `maxTokens`, whose passage or question was cut. */
  cutPairs: number;
  maxTokens: number;
  /** What the data held that teaches nothing; `pairs` does not count it. */
  leftOut: LeftOut;
  /** Time in training steps and validation, over all resumes. */
  seconds: number;
  pairsPerSecond: number;
  losses: { step: number; loss: number }[];
  /** nDCG@10 on the validation groups. */
  validation: { step: number; ndcg: number }[];
  /** The step whose weights were exported. */
  bestStep: number;
  /** Validation stopped getting better before the last step. */
  stoppedEarly: boolean;
  base: string;
  resumedFrom: number | null;
}

/** All that a run needs, opened. */
interface Run {
  options: TrainingOptions;
  leftOut: LeftOut;
  settings: TrainingSettings;
  base: BaseModel;
  tokenizer: Tokenizer;
  engine: TrainingEngine;
  checkpoints: Checkpoints;
  plan: TrainingPlan;
}

/**
 * Fine-tunes a cross-encoder on groups of one question, its positive and its negatives, and writes it to `outDir` as
 * a standard model folder. The number of steps is planned from `budgetMinutes` before the first and looked at again on
 * the way (revise.ts); a run that finds its own checkpoints goes on from them, by the plan as it then was, and ends with
 * the same bits as one that was never interrupted. Groups and negatives that teach nothing are left out and counted.
 * Throws Cancelled, after saving a checkpoint, when `ctx.signal` aborts; BadInput, BadModel, StorageFailed.
 */
export async function trainCrossEncoder(given: TrainingOptions, ctx: TaskContext): Promise<TrainingReport> {
  const started = performance.now();
  const settings = settingsOf(given);
  const { options, leftOut } = onlyTeachable(given);
  const base = await openBaseModel(options.baseDir, options.seed);
  const tokenizer = await openTokenizer(options.baseDir);
  assertTokenizerMatches(tokenizer, base, options.baseDir);
  if (!base.hasHead) {
    const passages = options.groups.flatMap((group) => group.passages);
    base.weights.set(RARITY, tokenRarity(tokenizer, passages, base.network.vocabulary));
  }
  settings.maxTokens = Math.min(settings.maxTokens, base.network.positions);
  if (base.network.maskWidth === 0) settings.dropout = 0;
  const key = keyOf(options, settings, base);
  const frozen = await new Checkpoints(options.checkpointDir, 0).plan(key);
  const engine = await TrainingEngine.open(base, { ...settings, threads: frozen?.threads ?? settings.threads });
  try {
    const checkpoints = new Checkpoints(options.checkpointDir, engine.layout.size);
    const prepared = { options, leftOut, settings, base, tokenizer, engine, checkpoints };
    const plan = frozen ?? (await freezePlan(prepared, key, started, ctx));
    return await train({ ...prepared, plan }, ctx);
  } finally {
    await engine.close();
  }
}

async function freezePlan(
  prepared: Omit<Run, "plan">,
  key: string,
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
  const plan = { key, ...planSteps(measured, { ...settings, budgetMinutes: options.budgetMinutes }) };
  await checkpoints.begin(plan);
  return plan;
}

async function train(run: Run, ctx: TaskContext): Promise<TrainingReport> {
  const { engine, checkpoints, plan, options } = run;
  const resumed = await checkpoints.latest();
  const resumedFrom = resumed ? resumed.log.step : null;
  if (resumed) engine.state = resumed.state;
  const log = resumed?.log ?? newLog();
  const order = new SeededOrder(options.groups.length, run.settings.questionsPerStep, options.seed);
  const stepsNow = () => currentPlan(plan, log.revisions).steps;
  let saved = performance.now();
  while (log.step < stepsNow() && !log.stoppedEarly) {
    const began = performance.now();
    const done = await step(run, order, log, ctx.signal);
    if (done) await validateIfDue(run, log, ctx);
    log.seconds += (performance.now() - began) / 1000;
    const toRevise = done && revisionIsDue(plan, log);
    if (toRevise) log.revisions.push(revise(plan, log));
    const due = performance.now() - saved > run.settings.checkpointSeconds * 1000;
    if (!done || due || toRevise || log.stoppedEarly || log.step === stepsNow()) {
      await checkpoints.save(log, engine.state);
      saved = performance.now();
    }
    if (!done) throw new WinnowError("Cancelled", `training was cancelled at step ${log.step} of ${stepsNow()}`);
    ctx.progress({ step: log.step, of: stepsNow(), note: noteOf(log, stepsNow()) });
  }
  return finish(run, log, resumedFrom);
}

function newLog(): TrainingLog {
  const spent = { step: 0, seconds: 0, validationSeconds: 0, pairs: 0, cutPairs: 0, bestStep: 0, stoppedEarly: false };
  return { ...spent, losses: [], validation: [], revisions: [] };
}

/** One update from `questionsPerStep` groups; false, with nothing changed, when told to stop on the way. */
async function step(run: Run, order: SeededOrder, log: TrainingLog, signal: AbortSignal): Promise<boolean> {
  const { engine, options, settings, plan, tokenizer } = run;
  let loss = 0;
  let [pairs, cutPairs] = [0, 0];
  for (const { epoch, index } of order.at(log.step)) {
    if (signal.aborted) return false;
    const random = seededRandom(seedFor(options.seed, 2, epoch, index));
    const group = sampleGroup(options.groups[index]!, settings.passagesPerQuestion, random);
    const rows = encodeGroup(tokenizer, group, settings.maxTokens);
    const { targets, prior } = await lessonOf(engine, group, rows, settings);
    const share = 1 / settings.questionsPerStep;
    loss += share * (await engine.accumulate(rows, targets, share, random, prior));
    pairs += rows.length;
    cutPairs += rows.filter(({ cut }) => cut).length;
  }
  if (signal.aborted) return false;
  if (!Number.isFinite(loss)) throw exploded(run, log, "loss", loss);
  const norm = await engine.update(updateScalars(log.step, revisedRateAt(log.step, plan, log.revisions), settings));
  if (!Number.isFinite(norm)) throw exploded(run, log, "gradient's norm", norm);
  log.step++;
  log.pairs += pairs;
  log.cutPairs += cutPairs;
  log.losses.push({ step: log.step, loss });
  return true;
}

/** Nothing of the failed step is saved: the checkpoint on disk is the last good one. */
function exploded({ options, plan }: Run, log: TrainingLog, what: string, value: number): WinnowError {
  const { steps } = currentPlan(plan, log.revisions);
  const kept = log.step > 0 ? `; what was saved before stays in ${options.checkpointDir}` : "";
  return new WinnowError(
    "BadInput",
    `training broke down at step ${log.step + 1} of ${steps}: the ${what} is ${value}. Lower learningRate${kept}`,
  );
}

async function validateIfDue(run: Run, log: TrainingLog, ctx: TaskContext): Promise<void> {
  const { plan, options, engine, tokenizer, settings, checkpoints } = run;
  const { steps, validateEvery } = currentPlan(plan, log.revisions);
  const last = log.step === steps;
  if (!last && log.step % validateEvery !== 0) return;
  const groups = options.validation.slice(0, plan.validationGroups);
  if (groups.length === 0 && !last) return;
  ctx.progress({ step: log.step, of: steps, note: `validating on ${groups.length} groups` });
  const began = performance.now();
  const ndcg = groups.length ? await validationNdcg(engine, tokenizer, groups, settings.maxTokens, ctx.signal) : 0;
  log.validationSeconds += (performance.now() - began) / 1000;
  const best = Math.max(-1, ...log.validation.map((entry) => entry.ndcg));
  if (groups.length) log.validation.push({ step: log.step, ndcg });
  if (ndcg >= best) {
    log.bestStep = log.step;
    await checkpoints.saveBest(log.step, engine.state.weights);
  }
  const sinceBest = log.validation.filter((entry) => entry.step > log.bestStep).length;
  log.stoppedEarly = !last && settings.patience > 0 && sinceBest >= settings.patience;
}

async function finish(run: Run, log: TrainingLog, resumedFrom: number | null): Promise<TrainingReport> {
  const { base, engine, checkpoints, options, leftOut, settings } = run;
  const weights = engine.layout.scatter(await checkpoints.best(log.bestStep));
  const { step, validationSeconds: _, revisions: __, ...rest } = log;
  const pairsPerSecond = log.seconds > 0 ? log.pairs / log.seconds : 0;
  const report = {
    steps: step,
    ...rest,
    leftOut,
    maxTokens: settings.maxTokens,
    pairsPerSecond,
    base: base.name,
    resumedFrom,
  };
  await exportCrossEncoder(options, base, new Map([...base.weights, ...weights]), settings, report);
  return report;
}

function noteOf(log: TrainingLog, steps: number): string {
  const recent = log.losses.slice(-20);
  const loss = recent.reduce((sum, entry) => sum + entry.loss, 0) / recent.length;
  const ndcg = log.validation.at(-1)?.ndcg;
  const validated = ndcg === undefined ? "" : `, validation nDCG@10 ${ndcg.toFixed(3)}`;
  const left = ((steps - log.step) * log.seconds) / log.step;
  const time = left < 90 ? `${Math.ceil(left)} s` : `${Math.round(left / 60)} min`;
  return `loss ${loss.toFixed(3)}${validated}, ${(log.pairs / log.seconds).toFixed(1)} pairs/s, ${time} left`;
}

function keyOf(options: TrainingOptions, settings: TrainingSettings, base: BaseModel): string {
  const { threads: _, checkpointSeconds: __, ...fixed } = settings;
  const { groups, validation, budgetMinutes, seed } = options;
  const { fingerprint } = base.network;
  const text = JSON.stringify({ format: 3, fixed, groups, validation, budgetMinutes, seed, fingerprint });
  return createHash("sha256").update(text).update(weightsDigest(base.weights)).digest("hex");
}
