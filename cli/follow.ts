import type { Client, WorkflowHandle } from "@temporalio/client";
import type { Payload } from "@temporalio/common";
import type { PipelineProgress, PipelineResult } from "../contracts/pipeline.ts";
import { renderStage } from "./render.ts";

/** How far an activity is, as its last heartbeat tells. */
export interface Heartbeat {
  step: number;
  of: number;
  note?: string;
}

/** Prints the stages of a running pipeline to stderr until it ends; resolves to its result. */
export async function followPipeline(
  client: Client,
  handle: WorkflowHandle,
  out = process.stderr,
): Promise<PipelineResult> {
  let ended = false;
  const result = (handle.result() as Promise<PipelineResult>).finally(() => {
    ended = true;
  });
  result.catch(() => {});
  const screen = new Screen(out);
  while (!ended) {
    await Promise.race([result.catch(() => {}), new Promise((settle) => setTimeout(settle, 700))]);
    if (!ended) await refresh(client, handle, screen).catch(() => {});
  }
  const outcome = await result.catch((error) => {
    screen.clear();
    throw error;
  });
  screen.show(outcome.stages.map(renderStage), null);
  return outcome;
}

async function refresh(client: Client, handle: WorkflowHandle, screen: Screen): Promise<void> {
  const progress = await handle.query<PipelineProgress>("progress");
  const beat = await lastBeat(client, handle.workflowId);
  const { stage, note, stages } = progress;
  screen.show(stages.map(renderStage), stage && { stage, beat, note });
}

/** The heartbeat of an activity that a workflow waits for; null: none has told anything. */
export async function lastBeat(client: Client, workflowId: string): Promise<Heartbeat | null> {
  const description = await client.workflowService.describeWorkflowExecution({
    namespace: client.options.namespace,
    execution: { workflowId },
  });
  const beats = await Promise.all(
    (description.pendingActivities ?? []).map(async (activity) => {
      const [payload] = activity.heartbeatDetails?.payloads ?? [];
      return payload ? heartbeat((await decoded(client, payload)).data) : null;
    }),
  );
  return beats.find((found) => found !== null) ?? null;
}

/** What the codecs of the client's connection make of a payload. */
async function decoded(client: Client, payload: Payload): Promise<Payload> {
  let payloads = [payload];
  for (const codec of client.options.loadedDataConverter.payloadCodecs) payloads = await codec.decode(payloads);
  return payloads[0]!;
}

function heartbeat(data: Uint8Array | null | undefined): Heartbeat | null {
  if (!data) return null;
  try {
    return JSON.parse(Buffer.from(data).toString("utf8"));
  } catch {
    return null;
  }
}

/** The stage under way: what its activity tells of itself, or, where none runs, what the workflow tells. */
interface Now {
  stage: string;
  beat: Heartbeat | null;
  note: string | null;
}

/** Stage lines printed once, and below them, on a terminal, one line that is rewritten. */
class Screen {
  private printed = 0;
  private readonly started = new Map<string, number>();
  private announced = "";
  private noted = "";

  constructor(private readonly out: NodeJS.WriteStream) {}

  show(stages: string[], now: Now | null): void {
    this.clear();
    for (; this.printed < stages.length; this.printed++) this.out.write(`${stages[this.printed]}\n`);
    if (!now) return;
    if (!this.started.has(now.stage)) this.started.set(now.stage, Date.now());
    const seconds = ((Date.now() - this.started.get(now.stage)!) / 1000).toFixed(0);
    const told = now.beat ? describe(now.beat) : (now.note ?? "");
    const line = `  … ${now.stage.padEnd(11)} ${`${seconds} s`.padStart(8)}  ${told}`;
    if (this.out.isTTY) this.out.write(line.slice(0, (this.out.columns ?? 100) - 1));
    else this.announce(now);
  }

  /** Where lines cannot be rewritten: when a stage begins, and what it waits for. */
  private announce({ stage, beat, note }: Now): void {
    if (this.announced !== stage) this.out.write(`  … ${stage}\n`);
    this.announced = stage;
    if (beat || note === null || note === this.noted) return;
    this.out.write(`  … ${stage}: ${note}\n`);
    this.noted = note;
  }

  clear(): void {
    if (this.out.isTTY) this.out.write("\r\x1b[2K");
  }
}

function describe(beat: Heartbeat): string {
  if (!beat.of) return "";
  const share = Math.min(1, beat.step / beat.of);
  const filled = Math.round(share * 20);
  return `${"█".repeat(filled)}${"░".repeat(20 - filled)} ${beat.step}/${beat.of} ${beat.note ?? ""}`;
}
