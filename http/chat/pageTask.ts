import type { ChatMessage } from "../../contracts/chat.ts";

/**
 * Tasks that a chat page gives to its model beside the conversation, by the key of the JSON that it wants. They are no
 * questions about the docs. Open WebUI's templates are recognised.
 */
const TASKS = ["title", "tags", "follow_ups", "queries", "text"] as const;
export type PageTask = (typeof TASKS)[number];

/** Tasks that an LLM does better than a rule. The others run on every key press or before every question. */
export const WORTH_AN_LLM: readonly PageTask[] = ["title", "tags", "follow_ups"];

const TITLE_WORDS = 6;
const TITLE_CHARACTERS = 60;
/** The first question stands at the start. */
const HISTORY_CHARACTERS = 2000;
const END_OF_CONTEXT = "</context>";

/** Text of a message; its parts in order. */
export function textOf({ content }: ChatMessage): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap(({ text }) => (typeof text === "string" ? [text] : [])).join("\n");
}

/** The task of a prompt; null for a question. */
export function pageTask(prompt: string): PageTask | null {
  if (!/^\s*#{1,4} *Task:/.test(prompt)) return null;
  // What the page quotes may hold such JSON too.
  const [instructions = ""] = prompt.split(/<(?:context|chat_history)>/, 1);
  return TASKS.find((key) => new RegExp(`\\{\\s*\\\\?"${key}\\\\?"\\s*:`).test(instructions)) ?? null;
}

/** The answer of a server without an LLM: the title from the first question, and nothing for the rest. */
export function localAnswer(task: PageTask, prompt: string): string {
  const answers: Record<PageTask, object> = {
    title: { title: titleOf(prompt) },
    tags: { tags: ["General"] },
    follow_ups: { follow_ups: [] },
    queries: { queries: [] },
    text: { text: "" },
  };
  return JSON.stringify(answers[task]);
}

/**
 * The question in a prompt that a chat page built around it: Open WebUI puts its own search results before the question,
 * or the question between tags.
 */
export function questionOf(prompt: string): string {
  if (!/^\s*#{1,4} *Task:/.test(prompt)) return prompt.trim();
  const tagged = between(prompt, "<user_query>", "</user_query>") ?? "";
  const context = prompt.lastIndexOf(END_OF_CONTEXT);
  const after = context < 0 ? "" : prompt.slice(context + END_OF_CONTEXT.length);
  return tagged.trim() || after.trim() || prompt.trim();
}

function titleOf(prompt: string): string {
  const history = (between(prompt, "<chat_history>", "</chat_history>") ?? "").slice(0, HISTORY_CHARACTERS);
  const [, first = ""] = /(?:^|\n) *USER:([^\n]*(?:\n(?! *(?:ASSISTANT|USER):)[^\n]*)*)/i.exec(history) ?? [];
  const words = first.replace(/\s+/g, " ").trim().split(" ");
  const title = words.slice(0, TITLE_WORDS).join(" ").slice(0, TITLE_CHARACTERS);
  return (words.length > TITLE_WORDS ? `${title}…` : title) || "Question about the docs";
}

/** Text between two marks, or to the end without the second; null without the first. Linear, as prompts are long. */
function between(text: string, start: string, end: string): string | null {
  const at = text.indexOf(start);
  if (at < 0) return null;
  const to = text.indexOf(end, at);
  return text.slice(at + start.length, to < 0 ? undefined : to);
}
