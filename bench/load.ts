import { setTimeout as delay } from "node:timers/promises";

/** The outcome of one question. */
export type Outcome = "answered" | "busy";

/** The results of a load. */
export interface Load {
  /** Milliseconds of each answered question, in order of completion. */
  times: number[];
  /** Milliseconds to each refusal because the queue was full. */
  refusedAfter: number[];
  seconds: number;
}

/** Time in each step of the questions, and the number of questions. */
export type Steps = Record<string, { seconds: number; count: number }>;

/** How long a refused client waits, as the refusal asks. */
const PAUSE_MS = 1000;

/**
 * Runs `clients` that ask one question after another, until `enough` questions were answered or the time is over. An
 * exception of `ask` ends the load.
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

/** The quantile `q` of the times; NaN without times. */
export function quantile(times: readonly number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** Seconds in each step and number of questions, summed over the metrics of the query workers. */
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
