import { setTimeout as delay } from "node:timers/promises";

/** Counts work in progress. */
export class InProgress {
  private count = 0;
  private waiting: (() => void)[] = [];

  /** Returns the function that ends this piece of work. */
  enter(): () => void {
    this.count++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      if (--this.count > 0) return;
      for (const settle of this.waiting.splice(0)) settle();
    };
  }

  /** Resolves when there is none, after `ms` at the latest. */
  async none(ms: number): Promise<void> {
    if (this.count === 0) return;
    const ended = new Promise<void>((settle) => this.waiting.push(settle));
    await Promise.race([ended, delay(ms, undefined, { ref: false })]);
  }
}
