import type { ChatInput } from "../../contracts/chat.ts";
import { MAX_QUESTION } from "../../contracts/names.ts";
import { standalone } from "../../core/answering/followUp.ts";
import { HttpFailure } from "../failure.ts";
import { type PageTask, pageTask, questionOf, textOf } from "./pageTask.ts";

/** What a chat asks for: a question of the docs, or a task of the page itself. */
export type Wanted = { task: null; question: string } | { task: PageTask; prompt: string };

/**
 * The last user message, with the words of earlier ones that it leaves out. Throws BadInput if it has no text. A page's
 * own tasks are no turns of the conversation.
 */
export function wantedOf({ messages }: Pick<ChatInput, "messages">): Wanted {
  const turns = messages.filter(({ role }) => role === "user").map(textOf);
  const last = turns.at(-1)?.trim();
  if (!last) throw new HttpFailure(400, "BadInput", "messages: the last user message has no text");
  const task = pageTask(last);
  if (task !== null) return { task, prompt: last };
  // One character more than a question may have is refused where it is asked.
  const questions = turns
    .filter((turn) => pageTask(turn) === null)
    .map((turn) => questionOf(turn).slice(0, MAX_QUESTION + 1));
  return { task, question: standalone(questions.filter((question) => question !== "")) };
}
