import type { Context } from "hono";
import type { Doors } from "../../../client/doors.ts";
import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { HttpFailure } from "../../failure.ts";
import type { Env } from "../../protocol.ts";
import { shownAnswer } from "../answer/prepare.ts";
import type { ShownAnswer } from "../answer/shown.ts";
import { checked } from "../ask/checked.ts";

/**
 * Asks another release the question of an answer: the recorded one, or the one of the address where its text was not
 * kept. Throws what `ask` throws, and BadInput as a failure without a question.
 */
export async function otherAnswer(
  c: Context<Env>,
  doors: Doors,
  { receipt }: IdentifiedAnswer,
  kept: string | null,
  release: string,
): Promise<ShownAnswer> {
  const given = kept ?? c.req.query("q") ?? "";
  if (given.trim() === "") throw new HttpFailure(400, "BadInput", "The question was not kept: type it below.");
  const { question, ...choice } = checked({ question: given, release });
  const { signal } = c.req.raw;
  return shownAnswer(await doors.ask(question, { ...choice, corpus: receipt.corpus, signal }), doors, signal);
}
