import { quantile } from "../../bench/load.ts";
import type { Clock } from "./clock.ts";
import { type Usage, usageOf } from "./processes.ts";
import type { Product } from "./product.ts";

/**
 * Largest growth over the second half: of the fitted line (Theil-Sen), so that a peak of a moment does not count. A
 * JavaScript heap of these sizes moves by some tens of megabytes between two collections.
 */
export const MOST_GROWTH: Record<keyof Usage, number> = { megabytes: 48, files: 8, threads: 4, below: 6 };

const EVERY_MS = 5000;
/** Fewer samples have no slope. */
const LEAST_SAMPLES = 8;
/** A process may start this long after the middle and still count as one of the whole second half. */
const LATE_MS = 6 * EVERY_MS;
/** In a shorter soak, a second half could pass without a bound that is checked. A machine that is busy skips samples. */
export const LEAST_MINUTES = Math.ceil((2 * (LATE_MS + 2 * LEAST_SAMPLES * EVERY_MS)) / 60_000);

interface Sample extends Usage {
  pid: number;
  at: number;
}

/** Samples of the long-lived processes during a soak. */
export class Memory {
  private readonly samples = new Map<string, Sample[]>();

  constructor(private readonly clock: Clock) {}

  /** Takes a sample of each process every five seconds. */
  watch(product: Product): Promise<void> {
    return this.clock.every(
      "memory",
      () => EVERY_MS,
      async () => {
        for (const [name, pid] of Object.entries(product.processes())) {
          const usage = usageOf(pid);
          const known = this.samples.get(name) ?? [];
          if (usage) this.samples.set(name, [...known, { ...usage, pid, at: Date.now() }]);
        }
      },
    );
  }

  /**
   * A row of each process. Growth above the bound over the second half is a reason to fail, and so is a process that must
   * live through it and was not seen, or too rarely to measure.
   */
  check(mustLive: readonly string[]): string[][] {
    const rows: string[][] = [];
    for (const name of new Set([...mustLive, ...this.samples.keys()])) {
      const all = this.samples.get(name) ?? [];
      const last = all.filter(({ at, pid }) => at >= this.clock.middle && pid === all.at(-1)!.pid);
      const whole = last[0] !== undefined && last[0].at - this.clock.middle < LATE_MS;
      if (!whole && mustLive.includes(name)) this.clock.fail(`${name} did not live through the second half`);
      else if (mustLive.includes(name) && last.length < LEAST_SAMPLES)
        this.clock.fail(`${name} was seen ${last.length} times in the second half, too rarely to measure its growth`);
      if (all.length > 0) rows.push([name, ...this.rowOf(name, last, whole)]);
    }
    return rows;
  }

  private rowOf(name: string, samples: readonly Sample[], whole: boolean): string[] {
    const cells = (Object.keys(MOST_GROWTH) as (keyof Usage)[]).flatMap((kind) => {
      const values = samples.map((sample) => sample[kind]);
      const grown = growth(samples, kind);
      if (whole && grown !== null && grown > MOST_GROWTH[kind])
        this.clock.fail(
          `${name}: ${kind} grew by ${grown.toFixed(1)} in the second half, at most ${MOST_GROWTH[kind]}`,
        );
      return [quantile(values, 0.5).toFixed(0), grown === null ? "n/a" : grown.toFixed(1)];
    });
    return [whole ? "yes" : "no, killed", ...cells];
  }
}

/** Growth from the first to the last sample along the line by Theil and Sen: the median of the slopes of all pairs. */
function growth(samples: readonly Sample[], kind: keyof Usage): number | null {
  if (samples.length < LEAST_SAMPLES) return null;
  const slopes: number[] = [];
  // At most some 200 samples of each process, evenly: pairs grow with the square.
  const step = Math.ceil(samples.length / 200);
  const used = samples.filter((_, at) => at % step === 0);
  for (const [at, a] of used.entries())
    for (const b of used.slice(at + 1)) slopes.push((b[kind] - a[kind]) / (b.at - a.at));
  return quantile(slopes, 0.5) * (samples.at(-1)!.at - samples[0]!.at);
}
