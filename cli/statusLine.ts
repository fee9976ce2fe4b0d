import { dim, printable } from "./style.ts";
import { type Out, terminalOf } from "./terminal.ts";
import { cut } from "./wrap.ts";

const CLEAR = "\r\x1b[2K";
const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 120;
/** Shorter work shows no spinner. */
const PATIENCE_MS = 300;

/** One line of a terminal that is rewritten while work is under way. On a file or pipe it prints nothing. */
export class StatusLine {
  private shown = false;

  constructor(private readonly out: Out = process.stderr) {}

  get live(): boolean {
    return terminalOf(this.out).live;
  }

  /** Columns that a line may take: the last one stays free, because a full line wraps on some terminals. */
  get columns(): number {
    return terminalOf(this.out).columns - 1;
  }

  show(line: string): void {
    if (!this.live) return;
    this.out.write(`${CLEAR}${printable(cut(line, this.columns), terminalOf(this.out).colour)}`);
    this.shown = true;
  }

  /** Removes the line, so that something else can be printed. */
  clear(): void {
    if (this.shown) this.out.write(CLEAR);
    this.shown = false;
  }

  /** Shows a spinner with the seconds passed until `work` has ended. */
  async during<T>(what: string, work: Promise<T>): Promise<T> {
    if (!this.live) return work;
    const began = Date.now();
    const timer = setInterval(() => {
      const passed = Date.now() - began;
      if (passed < PATIENCE_MS) return;
      const frame = FRAMES[Math.floor(passed / FRAME_MS) % FRAMES.length];
      this.show(`${frame} ${what}… ${dim(`${Math.floor(passed / 1000)} s`)}`);
    }, FRAME_MS);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      this.clear();
    }
  }
}
