import type { TaskProgress } from "../core/base/progress.ts";
import type { Io } from "./io.ts";
import { progressBar } from "./progressBar.ts";
import { TimeLeft } from "./timeLeft.ts";

/** Pause between two plain lines, if there is no terminal to rewrite a line on. */
const PAUSE_MS = 5000;

/** Shows the progress of long work: a rewritten line on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  private said = Number.NEGATIVE_INFINITY;
  private readonly left: TimeLeft;

  constructor(
    private readonly io: Pick<Io, "log" | "status">,
    private readonly now: () => number = Date.now,
  ) {
    this.left = new TimeLeft(now);
  }

  show({ step, of, note = "" }: TaskProgress): void {
    const { status } = this.io;
    const left = this.left.at(step / of);
    if (status.live) status.show(progressBar({ step, of, note, left }, status.columns));
    else if (this.now() - this.said >= PAUSE_MS) {
      this.said = this.now();
      const counts = note.includes(`${step} of ${of}`) || (of <= 1 && note !== "");
      this.io.log(counts ? note : `step ${step} of ${of}  ${note}`);
    }
  }

  /** Clears the line for the following output. */
  clear(): void {
    this.io.status.clear();
  }
}
