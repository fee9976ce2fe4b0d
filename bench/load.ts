import { setTimeout as delay } from "node:timers/promises";

/** What one question came to. */
export type Outcome = "answered" | "busy";

/** Outcome of a load. */
export interface Load {
  /** Milliseconds of each question answered, in order of their ends. */
  times: number[];
  /** Milliseconds until each refusal of a question because too many waited. */
  refusedAfter: number[];
  seconds: number;
}

/** Time in each step of questions, and how many there were. */
export type Steps = Record<string, { seconds: number; count: number }>;

/** What a client does that was refused: wait as it was told. */
const PAUSE_MS = 1000;

/**
 * `clients` ask one question after another until `enough` questions were answered or seconds have passed. What `ask`
 * throws ends the load.
 */
export async function closedLoop(
  clients: number,
  ask: () => Promise<Outcome>,
  enough: (answered: number, elapsed: number) => boolean,
): Promise<Load> {
  const load: Load = { times: [], refusedAfter: [], seconds: 0 };
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  const client = async () => {
    while (!enough(load.times.length, elapsed())) {
      const asked = performance.now();
      const outcome = await ask();
      const took = performance.now() - asked;
      (outcome === "answered" ? load.times : load.refusedAfter).push(took);
      if (outcome === "busy") await delay(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  load.seconds = elapsed();
  return load;
}

/** The value below which a share `q` of the times lies; NaN for none. */
export function quantile(times: readonly number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** Seconds spent in each step of questions and how many there were, summed over what query workers publish. */
export async function stepTotals(endpoints: readonly string[]): Promise<Steps> {
  const totals: Steps = {};
  for (const endpoint of endpoints) {
    const text = await (await fetch(endpoint)).text();
    for (const [, what, labels, value] of text.matchAll(/^winnow_question_step_seconds_(sum|count)\{(.*)\} (\S+)$/gm)) {
      const step = /\bstep="(\w+)"/.exec(labels!)![1]!;
      totals[step] ??= { seconds: 0, count: 0 };
      totals[step][what === "sum" ? "seconds" : "count"] += Number(value);
    }
  }
  return totals;
}
