import { type DraftedSet, type DraftOptions, draftQuestions } from "../../client/draftQuestions.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { counted } from "../numbers.ts";

/** `winnow questions draft`. */
export async function questionsDraftCommand(config: CliConfig, io: Io, options: DraftOptions): Promise<void> {
  const { out, except, limit, release, corpus } = options;
  const work = () => draftQuestions(config, { out, except, limit, release, corpus });
  const drafted = await io.busy("drafting", work);
  io.result(drafted, () => renderDraft(drafted));
}

/** Formats what was drafted, and what a person does with it. */
export function renderDraft({ file, questions, textless, trained, corpus }: DraftedSet): string {
  const lost = [
    ...(textless > 0
      ? [`${counted(textless, "more", "more")} without text: WINNOW_KEEP_QUESTIONS=true keeps that of later ones.`]
      : []),
    ...(trained > 0 ? [`${counted(trained, "more", "more")} left out: accepted votes train on nearly the same.`] : []),
  ];
  if (file === null) return [`No question about ${corpus} is left to judge.`, ...lost].join("\n");
  return [
    `${counted(questions.length, "question")} to judge in ${file}.`,
    'In each line, move what answers the question from "proposed" to "relevant" and correct it, or set the kind "unanswerable-near" or "unanswerable-offtopic". Then remove "draft".',
    `\`npx winnow questions check ${file}\` lists the lines that are still to be judged.`,
    ...lost,
  ].join("\n");
}
