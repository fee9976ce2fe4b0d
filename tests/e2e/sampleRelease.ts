import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type { AskResult } from "../../contracts/ask.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { freshHome, winnowJson } from "./command.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** State folder that the test files of this tier share. */
    shared: string;
  }
}

/** The result that `winnow up` prints. */
export interface UpResult extends PipelineResult {
  answers: { question: string; result: AskResult }[];
}

/** Options of the shared release: it trains, if only for a few steps. */
export const TRAINED = ["--budget", "0.7", "--least-steps", "1"];

/** Set-up for vitest: gives the files of a tier one folder, and removes it after all have run. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { home, remove } = await freshHome();
  provide("shared", home);
  return remove;
}

/**
 * The release that `winnow up` makes of the sample docs in an empty state folder. The first file that needs it makes
 * it.
 */
export async function sampleRelease(shared: string): Promise<{ home: string; up: UpResult }> {
  const home = join(shared, "home");
  const made = join(shared, "up.json");
  if (!existsSync(made)) {
    const up = await winnowJson<UpResult>(home, ["up", "--once", ...TRAINED]);
    writeFileSync(made, JSON.stringify(up));
  }
  return { home, up: JSON.parse(readFileSync(made, "utf8")) as UpResult };
}
