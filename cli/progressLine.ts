import type { TaskProgress } from "../core/base/progress.ts";

const CELLS = 24;
/** Pause between two plain lines, if there is no terminal to rewrite a line on. */
const PAUSE_MS = 5000;

type Out = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

/** Shows the progress of long work: a rewritten line on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  private said = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly out: Out = process.stderr,
    private readonly now: () => number = Date.now,
  ) {}

  show({ step, of, note = "" }: TaskProgress): void {
    if (this.out.isTTY) {
      const filled = Math.round((CELLS * step) / Math.max(1, of));
      const line = `step ${step} of ${of} [${"#".repeat(filled).padEnd(CELLS, "-")}] ${note}`;
      this.out.write(`\r\x1b[2K${line.slice(0, (this.out.columns ?? 100) - 1)}`);
    } else if (this.now() - this.said >= PAUSE_MS) {
      this.said = this.now();
      this.out.write(`step ${step} of ${of}  ${note}\n`);
    }
  }

  /** Clears the line for the following output. */
  clear(): void {
    if (this.out.isTTY) this.out.write("\r\x1b[2K");
  }
}
