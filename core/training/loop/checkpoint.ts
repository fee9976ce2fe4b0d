import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import { readJson } from "../../base/readJson.ts";
import type { FolderLock } from "../../storage/lock/folderLock.ts";
import { storing } from "../../storage/storage.ts";
import { WINDOW } from "./breakdown.ts";
import { type Arrays, readCheckpoint, syncFolder, writeCheckpoint, writeJson } from "./checkpointFiles.ts";
import type { TrainingState } from "./engine.ts";
import type { Revision } from "./revise.ts";
import { goesOn, type RunIdentity, type TrainingPlan } from "./schedule.ts";

/** What has happened so far; with the arrays and the plan it fixes everything that follows. */
export interface TrainingLog {
  /** Updates done. */
  step: number;
  /** Time spent training, checkpoints included, over all resumes. */
  seconds: number;
  /** Of them, time spent validating. */
  validationSeconds: number;
  pairs: number;
  /** Of them, those that were cut to the longest pair. */
  cutPairs: number;
  losses: { step: number; loss: number }[];
  validation: { step: number; ndcg: number }[];
  bestStep: number;
  /** Second looks at the plan. */
  revisions: Revision[];
  /** Validation has stopped getting better. */
  stoppedEarly: boolean;
  /** The last step's validation, where one is due, is still to come. */
  unvalidated: boolean;
}

const PLAN = "plan.json";
/** All that is ever written here; anything else in the folder is somebody else's. */
const OWN = /^(plan\.json|(step|best)-\d+)(\.new|\.old)?$/;

/**
 * Checkpoints of one training run in a folder. Each is a subfolder that appears whole or not at all: it is written
 * under another name, synced, and renamed. Array files carry their SHA-256.
 */
export class Checkpoints {
  constructor(
    private readonly folder: string,
    /** Length of each array. */
    private readonly elements: number,
    /** Asked before anything is written or removed. Default: nobody else can come. */
    private readonly lock: Pick<FolderLock, "assertHeld"> = { assertHeld: async () => {} },
  ) {}

  /**
   * The plan frozen here by this run, or by one that broke down and whose learning rates alone were higher: then its
   * checkpoints become this run's. Null when there is neither.
   */
  async plan(run: RunIdentity): Promise<TrainingPlan | null> {
    const plan = await readJson<TrainingPlan>(join(this.folder, PLAN));
    if (plan?.run?.key === run.key) return plan;
    const taken = plan && goesOn(plan, run);
    if (taken) await this.replan(taken);
    return taken;
  }

  /** Freezes a plan; what another plan left here is removed. */
  async begin(plan: TrainingPlan): Promise<void> {
    await this.lock.assertHeld();
    await storing(this.folder, async () => {
      await this.clear();
      await mkdir(this.folder, { recursive: true });
    });
    await this.replan(plan);
  }

  /** Puts another plan in the place of the frozen one, with the checkpoints as they are. */
  async replan(plan: TrainingPlan): Promise<void> {
    await this.lock.assertHeld();
    await storing(this.folder, () => writeJson(join(this.folder, PLAN), plan));
  }

  /**
   * Saves state and log. Of the checkpoints before it there stays the newest that is a `WINDOW` of steps old, since
   * the later ones may hold what makes training break down, and the oldest later one, which comes after it; with each
   * the best weights that its log names.
   */
  async save(log: TrainingLog, state: TrainingState): Promise<void> {
    const name = `step-${log.step}`;
    await this.write(name, log, { ...state });
    const keep = new Set([PLAN, name, `best-${log.bestStep}`]);
    const before = (await this.steps()).filter((step) => step < log.step);
    const young = before.filter((step) => step > log.step - WINDOW);
    for (const step of [...young.slice(-1), ...before.slice(young.length, young.length + 1)]) {
      const saved = (await this.stateOf(`step-${step}`)) ?? (await this.stateOf(`step-${step}.old`));
      keep.add(`step-${step}`).add(`best-${saved?.log.bestStep}`);
    }
    // One whose successor of the same name never came is read from `.old`.
    await this.remove((entry) => !keep.has(entry.replace(/\.old$/, "")));
  }

  /** Keeps the weights of the best validation; they count once a checkpoint's log names them. */
  async saveBest(step: number, weights: Float32Array<ArrayBuffer>): Promise<void> {
    await this.write(`best-${step}`, {}, { weights });
  }

  async best(step: number): Promise<Float32Array<ArrayBuffer>> {
    const found = await this.read<object>(`best-${step}`);
    if (!found) throw new WinnowError("CorruptArtifact", `${this.folder}/best-${step} does not match its digest`);
    return found.arrays.weights!;
  }

  /** The latest intact checkpoint whose best weights are intact too, or null. */
  async latest(): Promise<{ log: TrainingLog; state: TrainingState } | null> {
    for (const step of await this.steps()) {
      const found = await this.read<TrainingLog>(`step-${step}`);
      if (!found) continue;
      const { bestStep } = found.log;
      if (bestStep > 0 && !(await this.read<object>(`best-${bestStep}`))) continue;
      return { log: found.log, state: found.arrays as unknown as TrainingState };
    }
    return null;
  }

  /** Removes the checkpoints of `step` and later ones. Gives the step of the one that is left, or null. */
  async forget(step: number): Promise<number | null> {
    await this.lock.assertHeld();
    await this.remove((entry) => Number(/^step-(\d+)/.exec(entry)?.[1] ?? -1) >= step);
    return (await this.steps())[0] ?? null;
  }

  /** Removes all that was written here, and the folder if nothing else is in it. */
  async clear(): Promise<void> {
    await this.remove(() => true);
    await rmdir(this.folder).catch((cause) => {
      if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(cause.code)) throw cause;
    });
  }

  private stateOf(entry: string): Promise<{ log: TrainingLog } | null> {
    return readJson(join(this.folder, entry, "state.json"));
  }

  /** Steps that have a checkpoint, the newest first. */
  private async steps(): Promise<number[]> {
    const names = await readdir(this.folder).catch(() => []);
    const steps = names.flatMap((name) => /^step-(\d+)(\.old)?$/.exec(name)?.[1] ?? []).map(Number);
    return [...new Set(steps)].sort((a, b) => b - a);
  }

  private async remove(which: (entry: string) => boolean): Promise<void> {
    for (const entry of await readdir(this.folder).catch(() => [])) {
      if (OWN.test(entry) && which(entry)) await rm(join(this.folder, entry), { recursive: true, force: true });
    }
  }

  /** A checkpoint of the same name stays until the new one has its place, under `.old` for a moment. */
  private async write(name: string, log: object, arrays: Arrays): Promise<void> {
    const [target, old] = [join(this.folder, name), join(this.folder, `${name}.old`)];
    await this.lock.assertHeld();
    await storing(this.folder, async () => {
      await writeCheckpoint(`${target}.new`, log, arrays);
      await rm(old, { recursive: true, force: true });
      await rename(target, old).catch((cause) => {
        if (cause.code !== "ENOENT") throw cause;
      });
      await rename(`${target}.new`, target);
      await syncFolder(this.folder);
      await rm(old, { recursive: true, force: true });
    });
  }

  private async read<Log>(name: string): Promise<{ log: Log; arrays: Arrays } | null> {
    const at = (folder: string) => readCheckpoint<Log>(join(this.folder, folder), this.elements);
    return (await at(name)) ?? at(`${name}.old`);
  }
}
