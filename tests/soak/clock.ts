import { setTimeout as delay } from "node:timers/promises";

/** The time of a soak, and what happened in it. */
export class Clock {
  readonly began = Date.now();
  readonly middle: number;
  readonly end: number;
  private readonly counts = new Map<string, number>();
  /** Reasons why the soak fails. */
  readonly wrong: string[] = [];

  constructor(minutes: number) {
    this.end = this.began + minutes * 60_000;
    this.middle = (this.began + this.end) / 2;
  }

  get over(): boolean {
    return Date.now() >= this.end;
  }

  /** True while every process may be killed: one that starts again on a busy machine must live by the middle. */
  get mayKillAll(): boolean {
    return Date.now() < this.middle - 0.1 * (this.middle - this.began);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  get table(): string[][] {
    return [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => [what, `${times}`]);
  }

  /** Prints a line with the time since the start. */
  log(text: string): void {
    const seconds = Math.round((Date.now() - this.began) / 1000);
    console.log(`${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, "0")} ${text}`);
  }

  /** Records a reason to fail, and prints it. Only the first hundred are kept. */
  fail(reason: string): void {
    if (this.wrong.length < 100) this.wrong.push(reason);
    this.log(`WRONG: ${reason}`);
  }

  /** Waits for the time, or until the soak is over. */
  async pause(ms: number): Promise<void> {
    await delay(Math.max(0, Math.min(ms, this.end - Date.now())));
  }

  /** Repeats work with pauses until the soak is over. An exception is a reason to fail, and does not end the loop. */
  async every(name: string, pauseMs: () => number, work: () => Promise<void>): Promise<void> {
    for (await this.pause(pauseMs()); !this.over; await this.pause(pauseMs())) {
      try {
        await work();
      } catch (error) {
        this.fail(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      }
    }
  }
}

/** A whole number of milliseconds between two numbers of seconds. */
export function secondsBetween(random: () => number, least: number, most: number): number {
  return Math.round(1000 * (least + random() * (most - least)));
}

/** One of the items. Throws an Error if there is none. */
export function picked<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("there is nothing to choose from");
  return item;
}
