import type { TrainingGroup } from "../../artifacts/groups.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { seededRandom } from "../../base/random.ts";
import type { BaseModel } from "../../models/baseModel.ts";
import type { Tokenizer } from "../../models/wholeText.ts";
import { encodeGroup, SeededOrder, sampleGroup, seedFor } from "./batches.ts";
import { allFinite, divergence, guessingLoss, WINDOW } from "./breakdown.ts";
import type { Checkpoints, TrainingLog } from "./checkpoint.ts";
import type { Lesson, TaughtGroup, TrainingEngine, TrainingStep } from "./engine.ts";
import { currentPlan, revise, revisedRateAt, revisionIsDue } from "./revise.ts";
import { type TrainingPlan, updateScalars } from "./schedule.ts";
import type { TrainingOptions, TrainingSettings } from "./settings.ts";
import { lessonOf } from "./targets.ts";
import type { LeftOut } from "./trainingReport.ts";
import { validationNdcg } from "./validation.ts";

/** The opened parts of a run. */
export interface Run {
  options: TrainingOptions;
  leftOut: LeftOut;
  settings: TrainingSettings;
  base: BaseModel;
  tokenizer: Tokenizer;
  engine: TrainingEngine;
  checkpoints: Checkpoints;
  plan: TrainingPlan;
  /** Lessons of groups whose passages all fit a step, so that they are the same in every epoch. */
  lessons: WeakMap<TrainingGroup, Lesson>;
}

/**
 * Trains from the run's latest checkpoint, or from the start, to the end of its plan. Saves a checkpoint and throws
 * Cancelled when `ctx.signal` aborts. Throws BadInput naming the step when loss, gradient, weights or logits are not
 * finite, or the loss diverges. Throws BadModel if the base itself gives no finite loss; StorageFailed.
 */
export async function trainToEnd(
  run: Run,
  ctx: TaskContext,
): Promise<{ log: TrainingLog; resumedFrom: number | null }> {
  const { engine, checkpoints, plan, options } = run;
  const resumed = await checkpoints.latest();
  if (resumed) engine.state = resumed.state;
  const log = resumed?.log ?? newLog();
  const resumedFrom = resumed ? log.step : null;
  const order = new SeededOrder(options.groups.length, run.settings.questionsPerStep, options.seed);
  const guessing = guessingLoss(options.groups, run.settings);
  const stepsNow = () => currentPlan(plan, log.revisions).steps;
  let saved = performance.now();
  while (log.unvalidated || (log.step < stepsNow() && !log.stoppedEarly)) {
    const began = performance.now();
    const done = await advance(run, order, log, guessing, ctx);
    log.seconds += (performance.now() - began) / 1000;
    const toRevise = done && revisionIsDue(plan, log);
    if (toRevise) log.revisions.push(revise(plan, log));
    const due = performance.now() - saved > run.settings.checkpointSeconds * 1000;
    if (!done || due || toRevise || log.stoppedEarly || log.step === stepsNow()) {
      const saving = performance.now();
      await checkpoints.save(log, engine.state);
      saved = performance.now();
      // Saving counts against the budget; the next checkpoint records it.
      log.seconds += (saved - saving) / 1000;
    }
    if (!done) {
      const during = log.unvalidated ? " while validating" : "";
      throw new WinnowError("Cancelled", `training was cancelled${during} at step ${log.step} of ${stepsNow()}`);
    }
    ctx.progress({ step: log.step, of: stepsNow(), note: noteOf(log, stepsNow()) });
  }
  return { log, resumedFrom };
}

/** Makes steps, unless the last one still needs its validation, and validates. False if cancelled on the way. */
async function advance(run: Run, order: SeededOrder, log: TrainingLog, guessing: number, ctx: TaskContext) {
  if (!log.unvalidated && !(await train(run, order, log, guessing, ctx.signal))) return false;
  log.unvalidated = !(await validateIfDue(run, log, ctx));
  return !log.unvalidated;
}

function newLog(): TrainingLog {
  const spent = { step: 0, seconds: 0, validationSeconds: 0, pairs: 0, cutPairs: 0 };
  const state = { bestStep: 0, stoppedEarly: false, unvalidated: false };
  return { ...spent, ...state, losses: [], validation: [], revisions: [] };
}

/** The data of a step and what it counts for the log. */
interface PreparedStep extends TrainingStep {
  pairs: number;
  cutPairs: number;
}

/** Makes the updates of one run of the engine. False, with nothing changed, if cancelled before it. */
async function train(run: Run, order: SeededOrder, log: TrainingLog, guessing: number, signal: AbortSignal) {
  const { engine, plan } = run;
  const { steps, validateEvery } = currentPlan(plan, log.revisions);
  const some = Math.min(engine.stepsAtOnce, steps - log.step, validateEvery - (log.step % validateEvery));
  const prepared: PreparedStep[] = [];
  while (prepared.length < some) {
    const next = await prepare(run, order, log, log.step + prepared.length, signal);
    if (!next) return false;
    prepared.push(next);
  }
  const results = await engine.train(prepared);
  for (const [i, { loss, norm }] of results.entries()) {
    const [last, next] = [log.step, log.step + 1];
    if (!Number.isFinite(loss)) throw await brokeDown(run, log, next, `the loss is ${loss}`, last);
    if (!Number.isFinite(norm)) throw await brokeDown(run, log, next, `the gradient's norm is ${norm}`, last);
    if (i === some - 1 && !allFinite(engine.state.weights)) {
      throw await brokeDown(run, log, next, "the largest weight is Infinity", next);
    }
    log.step = next;
    log.pairs += prepared[i]!.pairs;
    log.cutPairs += prepared[i]!.cutPairs;
    log.losses.push({ step: next, loss });
    const diverged = divergence(log.losses, guessing);
    if (diverged) throw await brokeDown(run, log, next, diverged, next - WINDOW);
  }
  return true;
}

/** The step that follows on `step` others. Null if cancelled on the way. */
async function prepare(
  run: Run,
  order: SeededOrder,
  log: TrainingLog,
  step: number,
  signal: AbortSignal,
): Promise<PreparedStep | null> {
  const { engine, options, settings, plan, tokenizer } = run;
  const groups: TaughtGroup[] = [];
  for (const { epoch, index } of order.at(step)) {
    if (signal.aborted) return null;
    const random = seededRandom(seedFor(options.seed, 2, epoch, index));
    const group = sampleGroup(options.groups[index]!, settings.passagesPerQuestion, random);
    const rows = encodeGroup(tokenizer, group, settings.maxTokens);
    const lesson = run.lessons.get(group) ?? (await lessonOf(engine, group, rows, settings));
    run.lessons.set(group, lesson);
    groups.push({ rows, random, ...lesson });
  }
  if (signal.aborted) return null;
  const rows = groups.flatMap((group) => group.rows);
  const scalars = updateScalars(step, revisedRateAt(step, plan, log.revisions), settings);
  return { groups, scalars, pairs: rows.length, cutPairs: rows.filter(({ cut }) => cut).length };
}

/**
 * The error for a training that broke down at `step`. Removes the checkpoints from `bad` on, since their weights
 * contain the fault. Records the breakdown in the plan, so that the same run at lower rates continues from the rest.
 */
async function brokeDown(run: Run, log: TrainingLog, step: number, what: string, bad: number): Promise<WinnowError> {
  const { checkpoints, plan, options, base } = run;
  if (bad === 0 && log.step === 0) {
    const why = `${what} before any training: its weights or the teacher's scores are broken`;
    return new WinnowError("BadModel", `${options.baseDir}: ${why}`);
  }
  const left = await checkpoints.forget(bad);
  await checkpoints.replan({ ...plan, brokeAt: step });
  const kept =
    left === null
      ? "no good step was saved"
      : `the checkpoint of step ${left} stays in ${options.checkpointDir}, and the same training at lower rates continues from it`;
  const hint = `Lower learningRate${base.hasHead ? "" : " and headLearningRate"}`;
  const { steps } = currentPlan(plan, log.revisions);
  return new WinnowError("BadInput", `training broke down at step ${step} of ${steps}: ${what}. ${hint}; ${kept}`);
}

/** Validates if due. False, with nothing changed, if cancelled on the way. */
async function validateIfDue(run: Run, log: TrainingLog, ctx: TaskContext): Promise<boolean> {
  const { plan, options, engine, tokenizer, settings, checkpoints } = run;
  const { steps, validateEvery } = currentPlan(plan, log.revisions);
  const last = log.step === steps;
  if (!last && log.step % validateEvery !== 0) return true;
  const groups = options.validation.slice(0, plan.validationGroups);
  if (groups.length === 0 && !last) return true;
  ctx.progress({ step: log.step, of: steps, note: `checking on ${groups.length} held-out questions` });
  const began = performance.now();
  const ndcg = groups.length ? await validationNdcg(engine, tokenizer, groups, settings, ctx.signal) : 0;
  if (ndcg === null) return false;
  if (Number.isNaN(ndcg)) throw await brokeDown(run, log, log.step, "a logit of a validation group is NaN", log.step);
  log.validationSeconds += (performance.now() - began) / 1000;
  const best = Math.max(-1, ...log.validation.map((entry) => entry.ndcg));
  if (groups.length) log.validation.push({ step: log.step, ndcg });
  if (ndcg > best) {
    log.bestStep = log.step;
    await checkpoints.saveBest(log.step, engine.state.weights);
  }
  const sinceBest = log.validation.filter((entry) => entry.step > log.bestStep).length;
  log.stoppedEarly = !last && settings.patience > 0 && sinceBest >= settings.patience;
  return true;
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
