import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { asStorageError } from "../artifacts/storage.ts";
import { messageOf, WinnowError } from "../errors.ts";
import type { TrainingState } from "./engine.ts";
import type { Revision } from "./revise.ts";
import type { TrainingPlan } from "./schedule.ts";

/** What has happened so far; with the arrays and the plan it fixes everything that follows. */
export interface TrainingLog {
  /** Updates done. */
  step: number;
  /** Time spent training, over all resumes. */
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
}

type Arrays = Record<string, Float32Array<ArrayBuffer>>;

/**
 * Checkpoints of one training run in a folder. Each is a subfolder that appears whole or not at all: it is written
 * under another name, synced, and renamed. Array files carry their SHA-256.
 */
export class Checkpoints {
  constructor(
    private readonly folder: string,
    private readonly elements: number,
  ) {}

  /** The plan frozen here, or null when there is none of this key. */
  async plan(key: string): Promise<TrainingPlan | null> {
    const plan = await readJson<TrainingPlan>(join(this.folder, "plan.json"));
    return plan?.key === key ? plan : null;
  }

  /** Freezes a plan; what another plan left here is removed. */
  async begin(plan: TrainingPlan): Promise<void> {
    await storing(this.folder, async () => {
      await rm(this.folder, { recursive: true, force: true });
      await mkdir(this.folder, { recursive: true });
      await writeSynced(join(this.folder, "plan.json.new"), Buffer.from(JSON.stringify(plan)));
      await rename(join(this.folder, "plan.json.new"), join(this.folder, "plan.json"));
    });
  }

  /** Saves state and log, then removes older checkpoints and best weights that the log no longer names. */
  async save(log: TrainingLog, state: TrainingState): Promise<void> {
    const name = `step-${log.step}`;
    await this.write(name, log, { ...state });
    const keep = new Set([name, `best-${log.bestStep}`, "plan.json"]);
    for (const entry of await readdir(this.folder)) {
      if (!keep.has(entry)) await rm(join(this.folder, entry), { recursive: true, force: true });
    }
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

  /** The latest intact checkpoint, or null. */
  async latest(): Promise<{ log: TrainingLog; state: TrainingState } | null> {
    const names = await readdir(this.folder).catch(() => []);
    const steps = names.flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
    for (const step of steps.sort((a, b) => b - a)) {
      const found = await this.read<TrainingLog>(`step-${step}`);
      if (found) return { log: found.log, state: found.arrays as unknown as TrainingState };
    }
    return null;
  }

  private async write(name: string, log: object, arrays: Arrays): Promise<void> {
    await storing(this.folder, async () => {
      const target = join(this.folder, name);
      const draft = `${target}.new`;
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft);
      try {
        const digests: Record<string, string> = {};
        for (const [kind, array] of Object.entries(arrays)) {
          const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
          digests[kind] = sha256(bytes);
          await writeSynced(join(draft, `${kind}.f32`), bytes);
        }
        await writeSynced(join(draft, "state.json"), Buffer.from(JSON.stringify({ log, digests })));
        await rm(target, { recursive: true, force: true });
        await rename(draft, target);
      } catch (error) {
        // A full disk has no room for half a checkpoint.
        await rm(draft, { recursive: true, force: true }).catch(() => {});
        throw error;
      }
    });
  }

  private async read<Log>(name: string): Promise<{ log: Log; arrays: Arrays } | null> {
    const folder = join(this.folder, name);
    const saved = await readJson<{ log: Log; digests: Record<string, string> }>(join(folder, "state.json"));
    if (!saved) return null;
    const arrays: Arrays = {};
    for (const [kind, digest] of Object.entries(saved.digests)) {
      const bytes = await readFile(join(folder, `${kind}.f32`)).catch(() => Buffer.alloc(0));
      if (bytes.length !== this.elements * 4 || sha256(bytes) !== digest) return null;
      const array = new Float32Array(this.elements);
      new Uint8Array(array.buffer).set(bytes);
      arrays[kind] = array;
    }
    return { log: saved.log, arrays };
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readJson<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return null;
  }
}

async function storing(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const why = messageOf(asStorageError(cause));
    throw new WinnowError("StorageFailed", `a checkpoint cannot be written to ${folder}: ${why}`, { cause });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
