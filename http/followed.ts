import type { Context } from "hono";
import type { Doors } from "../client/doors.ts";
import type { AskEvent } from "../contracts/askEvents.ts";
import type { Env } from "./protocol.ts";

/** A question while it is answered. */
export interface Followed {
  events: AsyncGenerator<AskEvent>;
  /** Cancels the question after its client has left. */
  leave(): void;
}

/**
 * Asks a question and follows it for an event stream. Throws what refuses the question at the door, before the stream
 * begins, so that the response gets a status of its own.
 */
export async function followed(
  c: Context<Env>,
  doors: Doors,
  ...[question, choice]: Parameters<Doors["follow"]>
): Promise<Followed> {
  const stop = new AbortController();
  const events = doors.follow(question, { ...choice, signal: AbortSignal.any([c.req.raw.signal, stop.signal]) });
  const first = await events.next();
  return { events: withFirst(first, events), leave: () => stop.abort() };
}

async function* withFirst(first: IteratorResult<AskEvent>, rest: AsyncGenerator<AskEvent>): AsyncGenerator<AskEvent> {
  if (!first.done) yield first.value;
  yield* rest;
}
