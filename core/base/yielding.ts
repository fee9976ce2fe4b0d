import { WinnowError } from "./errors.ts";
import type { TaskContext } from "./progress.ts";

/** Questions between two checks of the abort signal. */
const BREATH = 50;

/**
 * Called for every question of a mining loop. Every `BREATH` questions it yields to the event loop, to send progress
 * and receive a cancel.
 */
export async function breathe(step: number, of: number, ctx: TaskContext): Promise<void> {
  if (step % BREATH !== 0) return;
  await new Promise<void>((resume) => setImmediate(resume));
  if (ctx.signal.aborted) throw new WinnowError("Cancelled", "mining negatives was cancelled");
  ctx.progress({ step, of, note: `finding misleading passages: question ${step} of ${of}` });
}
