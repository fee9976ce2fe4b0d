import type { Context } from "hono";
import type { Doors } from "../../../client/doors.ts";
import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { type Failure, HttpFailure } from "../../failure.ts";
import type { Env } from "../../protocol.ts";
import { shownAnswer } from "../answer/prepare.ts";
import type { ShownAnswer } from "../answer/shown.ts";
import { checked } from "../ask/checked.ts";

/** What another release says to the question of an answer, or why it says nothing. */
export type Other = { release: string } & (
  | { shown: ShownAnswer; failure?: never }
  | { shown?: never; failure: Failure }
);

/**
 * Asks the release that the address chooses; null if it chooses none. The question is the recorded one, or the one of the
 * address where its text was not kept.
 */
export async function otherAnswer(
  c: Context<Env>,
  doors: Doors,
  { receipt }: IdentifiedAnswer,
  kept: string | null,
): Promise<Other | null> {
  const release = c.req.query("release");
  if (!release) return null;
  try {
    const given = kept ?? c.req.query("q") ?? "";
    if (given.trim() === "") throw new HttpFailure(400, "BadInput", "The question was not kept: type it below.");
    const { question, ...choice } = checked({ question: given, release });
    const { signal } = c.req.raw;
    const answer = await doors.ask(question, { ...choice, corpus: receipt.corpus, signal });
    return { release, shown: await shownAnswer(answer, doors, signal) };
  } catch (thrown) {
    return { release, failure: c.var.failure(thrown) };
  }
}
