import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { LEAST_MINUTES } from "./memory.ts";

export interface SoakOptions {
  /** Minutes of questions, changes and kills, after the first release serves. */
  minutes: number;
  /** Repeats the random choices. Their moments depend on the machine. */
  seed: number;
  /** Keeps the folder with state, docs and logs. */
  keep: boolean;
}

const MOST_MINUTES = 7 * 24 * 60;

/** Options of `npm run test:soak`. Throws an Error that names the option. */
export function soakOptions(args: string[]): SoakOptions {
  const { values } = parseArgs({
    args,
    options: { minutes: { type: "string" }, seed: { type: "string" }, keep: { type: "boolean" } },
  });
  const minutes = Number(values.minutes ?? 60);
  if (!(minutes >= LEAST_MINUTES && minutes <= MOST_MINUTES))
    throw new Error(`--minutes: ${values.minutes} is not a number from ${LEAST_MINUTES} to ${MOST_MINUTES}`);
  const seed = values.seed === undefined ? randomInt(1, 1_000_000) : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed: ${values.seed} is not a whole number`);
  return { minutes, seed, keep: values.keep ?? false };
}
