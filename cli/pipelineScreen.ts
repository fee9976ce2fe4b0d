import type { RunProgress } from "../client/follow.ts";
import type { Heartbeat } from "../client/heartbeat.ts";
import type { StageReport } from "../contracts/pipeline.ts";
import { renderStage } from "./render.ts";

type Out = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

/** The running stage, with its activity's heartbeat, or the workflow's note if no activity runs. */
interface Now {
  stage: string;
  beat: Heartbeat | null;
  note: string | null;
}

/** Prints each finished stage once. On a terminal, it rewrites one line below them. */
export class PipelineScreen {
  private printed = 0;
  private readonly started = new Map<string, number>();
  private announced = "";
  private noted = "";

  constructor(private readonly out: Out = process.stderr) {}

  /** Shows the progress of a running pipeline. */
  show({ stages, stage, beat, note }: RunProgress): void {
    this.end(stages);
    if (!stage) return;
    const now = { stage, beat, note };
    if (!this.started.has(stage)) this.started.set(stage, Date.now());
    const seconds = ((Date.now() - this.started.get(stage)!) / 1000).toFixed(0);
    const told = beat ? describe(beat) : (note ?? "");
    const line = `  … ${stage.padEnd(11)} ${`${seconds} s`.padStart(8)}  ${told}`;
    if (this.out.isTTY) this.out.write(line.slice(0, (this.out.columns ?? 100) - 1));
    else this.announce(now);
  }

  /** Prints the stages that finished since the last call. */
  end(stages: StageReport[]): void {
    this.clear();
    for (; this.printed < stages.length; this.printed++) this.out.write(`${renderStage(stages[this.printed]!)}\n`);
  }

  /** Removes the rewritten line. */
  clear(): void {
    if (this.out.isTTY) this.out.write("\r\x1b[2K");
  }

  /** Without a terminal, prints one line when a stage begins and one for each new note. */
  private announce({ stage, beat, note }: Now): void {
    if (this.announced !== stage) this.out.write(`  … ${stage}\n`);
    this.announced = stage;
    if (beat || note === null || note === this.noted) return;
    this.out.write(`  … ${stage}: ${note}\n`);
    this.noted = note;
  }
}

function describe(beat: Heartbeat): string {
  if (!beat.of) return "";
  const share = Math.min(1, beat.step / beat.of);
  const filled = Math.round(share * 20);
  return `${"█".repeat(filled)}${"░".repeat(20 - filled)} ${beat.step}/${beat.of} ${beat.note ?? ""}`;
}
