import type { RunProgress } from "../client/follow.ts";
import type { StageReport } from "../contracts/pipeline.ts";
import type { Io } from "./io.ts";
import { plainProgress, progressBar } from "./progressBar.ts";
import { renderStage } from "./renderStage.ts";
import { bold, dim, HANG } from "./style.ts";
import { TimeLeft } from "./timeLeft.ts";
import { widthOf } from "./wrap.ts";

/** Pause between two plain lines about the progress of one stage. */
const PAUSE_MS = 60_000;

/** The stage under way. */
interface Current {
  name: string;
  began: number;
  left: TimeLeft;
}

/** Prints each finished stage once. On a terminal, it rewrites one line below them. */
export class PipelineScreen {
  private printed = 0;
  private current: Current | null = null;
  private announced = "";
  private noted = "";
  /** Time of the last plain line. */
  private at = 0;

  constructor(
    private readonly io: Pick<Io, "log" | "status">,
    private readonly now: () => number = Date.now,
  ) {}

  /** Shows the progress of a running pipeline. */
  show(progress: RunProgress): void {
    this.end(progress.stages);
    if (progress.stage === null) return;
    if (this.io.status.live) this.rewrite(progress.stage, progress);
    else this.announce(progress.stage, progress);
  }

  /** Prints the stages that finished since the last call. */
  end(stages: StageReport[]): void {
    for (; this.printed < stages.length; this.printed++) this.io.log(renderStage(stages[this.printed]!));
  }

  /** Removes the rewritten line. */
  clear(): void {
    this.io.status.clear();
  }

  private rewrite(stage: string, { beat, note }: RunProgress): void {
    if (this.current?.name !== stage) this.current = { name: stage, began: Date.now(), left: new TimeLeft() };
    const { began, left } = this.current;
    const seconds = `${((Date.now() - began) / 1000).toFixed(0)} s`.padStart(8);
    const head = `  ${dim("…")} ${bold(stage.padEnd(11))} ${seconds}  `;
    const room = this.io.status.columns - widthOf(head);
    const told = beat ? progressBar({ ...beat, left: left.at(beat.step / beat.of) }, room) : (note ?? "");
    this.io.status.show(head + told);
  }

  /** Without a terminal, prints a line when a stage begins, one for each new note, and its progress each minute. */
  private announce(stage: string, { beat, note }: RunProgress): void {
    if (this.announced !== stage) this.print(stage);
    this.announced = stage;
    if (beat) {
      if (beat.of > 1 && this.now() - this.at >= PAUSE_MS) this.print(`${stage}: ${HANG}${plainProgress(beat)}`);
    } else if (note !== null && note !== this.noted) {
      this.print(`${stage}: ${HANG}${note}`);
      this.noted = note;
    }
  }

  private print(line: string): void {
    this.io.log(`  … ${line}`);
    this.at = this.now();
  }
}
