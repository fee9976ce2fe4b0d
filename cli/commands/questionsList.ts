import {
  type AskedOptions,
  type AskedQuestion,
  type AskedQuestions,
  allAskedQuestions,
} from "../../client/askedQuestions.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { counted } from "../numbers.ts";
import { relativeTo } from "../times.ts";

/** `winnow questions list`. */
export async function questionsListCommand(
  config: CliConfig,
  io: Io,
  { refused, corpus, limit }: AskedOptions,
): Promise<void> {
  const found = await allAskedQuestions(config, { refused, corpus, limit });
  io.result(found, () => renderAsked(found, refused ?? false));
}

/** Formats questions, each with its number, its last time and the closest page. */
export function renderAsked(asked: AskedQuestions, refused: boolean): string {
  const { questions, read, hidden, unreadable, textless, more, unread } = asked;
  const what = refused ? "that the docs did not answer" : "that users asked";
  const lines = questions.flatMap((one) => [one.question.replace(/\s+/g, " "), `    ${describe(one)}`]);
  const notes = [
    questions.length === 0 ? `No question ${what} is kept.` : `${counted(questions.length, "question")} ${what}.`,
    ...(hidden > 0 ? [`${hidden} of ${read} are encrypted: set WINNOW_PAYLOAD_KEYS to read them.`] : []),
    ...(textless > 0
      ? [`${counted(textless, "older one")} without text: WINNOW_KEEP_QUESTIONS=true keeps the text of later ones.`]
      : []),
    ...(unreadable > 0 ? [`${counted(unreadable, "record")} cannot be read: see \`npx winnow fsck\`.`] : []),
    ...(unread ? [`Older ones are left out, because their records cannot be read: ${unread}`] : []),
    ...(more ? [`Older ones are left out: --limit reads more than ${read}.`] : []),
    ...(refused && questions.length > 0
      ? ["`npx winnow questions draft` makes a question set of them, for you to judge."]
      : []),
  ];
  return [...lines, ...(lines.length > 0 ? [""] : []), ...notes].join("\n");
}

function describe({ count, last, kind, closest, corpus }: AskedQuestion): string {
  const times = count === 1 ? "once" : `${count} times, last`;
  const [label, page] = kind === "abstained" ? ["refused; closest", closest] : [`${kind}; first source`, closest];
  const place = page ? `${page.page}, "${page.heading.at(-1) ?? ""}"` : "none";
  return `${times} ${relativeTo(last)} in ${corpus}, ${label}: ${place}`;
}
