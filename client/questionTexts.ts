import { askedText } from "./askedQuestions.ts";
import { type RecordPlaces, recordedQuestion } from "./records.ts";
import { withServerIfAny } from "./server.ts";
import type { StackSettings } from "./settings.ts";

/** Finds the text of an answer's question; null if nobody keeps it. */
export type QuestionText = (answer: string) => Promise<string | null>;

/**
 * Runs `work` with a reader of questions: from the Temporal server of this home if one runs, and from the records. Throws
 * what `work` throws, TemporalUnreachable for a configured server that does not answer.
 *
 * @example
 * const question = await withQuestionTexts(config, (textOf) => textOf("ask-5f0c2d7e91ab3c44d0e1"));
 */
export async function withQuestionTexts<T>(
  config: StackSettings & RecordPlaces,
  work: (textOf: QuestionText) => Promise<T>,
): Promise<T> {
  return withServerIfAny(config, (client) =>
    work(async (answer) => {
      const asked = client && (await askedText(client, answer));
      return asked ?? recordedQuestion(config, answer);
    }),
  );
}
