import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainingGroup } from "../../artifacts/groups.ts";
import { quietContext, type TaskContext } from "../../base/progress.ts";
import type { TrainingOptions } from "../loop/settings.ts";

const COLOURS = ["red", "blue", "green"];
export const temporary = () => mkdtemp(join(tmpdir(), "winnow-train-"));

/** Groups whose positive is the passage that names the question's colour. */
export function colourGroups(count: number): TrainingGroup[] {
  return Array.from({ length: count }, (_, i) => {
    const right = COLOURS[i % 3]!;
    const wrong = COLOURS.filter((colour) => colour !== right);
    const thing = ["pod", "node", "job", "service"][i % 4];
    return {
      question: `what is ${right}`,
      passages: [`the ${thing} is ${right}`, ...wrong.map((colour) => `the ${thing} is ${colour}`)],
      teacher: [2, 0, 0],
    };
  });
}

export async function optionsFor(baseDir: string, changes: Partial<TrainingOptions> = {}): Promise<TrainingOptions> {
  return {
    baseDir,
    groups: colourGroups(24),
    validation: colourGroups(6),
    outDir: await temporary(),
    checkpointDir: await temporary(),
    budgetMinutes: 20,
    seed: 5,
    threads: 1,
    maxSteps: 12,
    ...changes,
  };
}

/** The model file of a trained folder. */
export const modelOf = (outDir: string) => readFile(join(outDir, "onnx", "model.onnx"));

/** Aborts once training has reported `step`. */
export function stopAt(step: number): TaskContext {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    progress: (progress) => progress.step === step && !progress.note?.startsWith("checking on") && stop.abort(),
  };
}

/** Throws at `step`, as a crash would, so that nothing more is saved. */
export function dieAt(step: number): TaskContext {
  const progress: TaskContext["progress"] = (at) => {
    if (at.step === step && !at.note?.startsWith("checking on")) throw new Error("died");
  };
  return { ...quietContext(), progress };
}
