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
  const task = pageTask(lastOf(turns));
  if (task !== null) return { task, prompt: lastOf(turns) };
  const questions = turns.filter((turn) => pageTask(turn) === null).map(questionOf);
  return { task, question: conversationQuestion(questions) };
}

/**
 * The last of a conversation's user messages, with the words of earlier ones that it leaves out. Throws BadInput if it
 * has no text.
 */
export function conversationQuestion(turns: readonly string[]): string {
  lastOf(turns);
  // One character more than a question may have is refused where it is asked.
  const questions = turns.map((turn) => turn.trim().slice(0, MAX_QUESTION + 1));
  return standalone(questions.filter((question) => question !== ""));
}

function lastOf(turns: readonly string[]): string {
  const last = turns.at(-1)?.trim();
  if (!last) throw new HttpFailure(400, "BadInput", "messages: the last user message has no text");
  return last;
}
