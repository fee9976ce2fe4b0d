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

/** The progress of a run. With the arrays and the plan it determines all that follows. */
export interface TrainingLog {
  /** Updates done. */
  step: number;
  /** Time spent training, checkpoints included, over all resumes. */
  seconds: number;
  /** Part of `seconds` spent validating. */
  validationSeconds: number;
  pairs: number;
  /** Pairs that were cut to the longest pair. */
  cutPairs: number;
  losses: { step: number; loss: number }[];
  validation: { step: number; ndcg: number }[];
  bestStep: number;
  /** Revisions of the plan. */
  revisions: Revision[];
  /** Validation has stopped improving. */
  stoppedEarly: boolean;
  /** The last step's validation is due but not done. */
  unvalidated: boolean;
}

const PLAN = "plan.json";
/** Names of files written here. Any other file in the folder belongs to somebody else. */
const OWN = /^(plan\.json|(step|best)-\d+)(\.new|\.old)?$/;

/**
 * Checkpoints of one training run in a folder. Each is a subfolder that appears atomically: it is written under another
 * name, synced, and renamed. Array files carry their SHA-256.
 */
export class Checkpoints {
  constructor(
    private readonly folder: string,
    /** Length of each array. */
    private readonly elements: number,
    /** Checked before anything is written or removed. Default: no other process uses the folder. */
    private readonly lock: Pick<FolderLock, "assertHeld"> = { assertHeld: async () => {} },
  ) {}

  /**
   * The plan frozen here by this run. A plan that broke down in a run with higher learning rates, but otherwise equal,
   * is adopted along with its checkpoints. Null if there is neither.
   */
  async plan(run: RunIdentity): Promise<TrainingPlan | null> {
    const plan = await readJson<TrainingPlan>(join(this.folder, PLAN));
    if (plan?.run?.key === run.key) return plan;
    const taken = plan && goesOn(plan, run);
    if (taken) await this.replan(taken);
    return taken;
  }

  /** Freezes a plan and removes what another plan left here. */
  async begin(plan: TrainingPlan): Promise<void> {
    await this.lock.assertHeld();
    await storing(this.folder, async () => {
      await this.clear();
      await mkdir(this.folder, { recursive: true });
    });
    await this.replan(plan);
  }

  /** Replaces the frozen plan and keeps the checkpoints. */
  async replan(plan: TrainingPlan): Promise<void> {
    await this.lock.assertHeld();
    await storing(this.folder, () => writeJson(join(this.folder, PLAN), plan));
  }

  /**
   * Saves state and log. Of the earlier checkpoints it keeps the newest that is at least `WINDOW` steps old, since
   * later ones may contain the cause of a breakdown. It also keeps the oldest later one, which will succeed it. The
   * best weights named by each kept log stay too.
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
    // A checkpoint whose replacement was interrupted is read from `.old`.
    await this.remove((entry) => !keep.has(entry.replace(/\.old$/, "")));
  }

  /** Saves the weights of the best validation. They count once a checkpoint's log names them. */
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

  /** Removes the checkpoints of `step` and later ones. Returns the step of the newest left, or null. */
  async forget(step: number): Promise<number | null> {
    await this.lock.assertHeld();
    await this.remove((entry) => Number(/^step-(\d+)/.exec(entry)?.[1] ?? -1) >= step);
    return (await this.steps())[0] ?? null;
  }

  /** Removes everything that was written here, and the folder if it is then empty. */
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

  /** Keeps an existing checkpoint of this name, under `.old`, until the new one is in place. */
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
