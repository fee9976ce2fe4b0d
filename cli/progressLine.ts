import type { TaskProgress } from "../core/base/progress.ts";

const CELLS = 24;
/** Milliseconds between two plain lines, where there is no terminal to rewrite one on. */
const PAUSE_MS = 5000;

type Out = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

/** Shows how far a long piece of work is: one line that is rewritten on a terminal, now and then a line elsewhere. */
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

  /** Takes the line away, so that what follows begins on an empty one. */
  clear(): void {
    if (this.out.isTTY) this.out.write("\r\x1b[2K");
  }
}
