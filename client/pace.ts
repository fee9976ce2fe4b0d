/** Spreads the looks of callers that look again and again: all together look at most `perSecond` times. */
export class Pace {
  private callers = 0;

  constructor(private readonly perSecond: number) {}

  /** Counts a caller, and returns the function that ends its looking. */
  enter(): () => void {
    let left = false;
    this.callers++;
    return () => {
      if (!left) this.callers--;
      left = true;
    };
  }

  /** Milliseconds until a caller's next look: `ms`, or more where many look. */
  pause(ms: number): number {
    return Math.max(ms, (1000 * this.callers) / this.perSecond);
  }
}
