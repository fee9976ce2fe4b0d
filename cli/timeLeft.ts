/** Seconds of work after which its speed says something. */
const SETTLED_S = 3;

/** Estimates how long work under way still takes, from its speed since its first report. */
export class TimeLeft {
  private began: { at: number; share: number } | null = null;
  private last = 0;

  constructor(private readonly now: () => number = Date.now) {}

  /** Seconds left at this share of the work, 0..1; null while unknown. A share that falls begins another piece of work. */
  at(share: number): number | null {
    if (!this.began || share < this.last) this.began = { at: this.now(), share };
    this.last = share;
    const seconds = (this.now() - this.began.at) / 1000;
    const done = share - this.began.share;
    return seconds < SETTLED_S || done <= 0 ? null : (seconds * (1 - share)) / done;
  }
}
