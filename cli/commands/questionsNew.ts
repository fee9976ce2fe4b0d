import type { ReleaseChoice } from "../../client/openRelease.ts";
import { openQuestionWriter, type PickedPassage, type QuestionWriter } from "../../client/questionSets.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { RankedPassage } from "../../contracts/passage.ts";
import { evidenceSpans } from "../../core/answering/evidence.ts";
import { guessKind } from "../../core/judging/guessKind.ts";
import { KINDS, NEAR_TOPIC, OFF_TOPIC, type Question } from "../../core/judging/question.ts";
import { type Dialogue, openDialogue } from "../dialogue.ts";
import type { Io } from "../io.ts";
import { counted } from "../numbers.ts";
import { parsePicks, type Reply } from "../picks.ts";
import { renderCards } from "../renderSearch.ts";

export interface NewQuestionsOptions extends ReleaseChoice {
  out: string;
}

const HITS = 10;
/** Evidence spans offered for a passage. */
const SPANS = 5;

const HELP = `Each question becomes a line with the passages that answer it. Ask in a user's words, not in the docs'.
Which passages answer it?
  3        passage 3 answers          3 5h   3 answers, 5 helps
  n        none: the docs do not answer it, though it is about their subject
  o        none: it is about something else
  v 3      show the whole passage 3   /text  search with other words, for the same question
  s        skip the question          q      end (so does an empty question, or Ctrl-D)
`;

/** `winnow questions new`. */
export async function questionsNewCommand(
  config: CliConfig,
  io: Io,
  { out, ...choice }: NewQuestionsOptions,
): Promise<void> {
  const writer = await openQuestionWriter(config, out, { release: choice.release, corpus: choice.corpus });
  const dialogue = openDialogue(io);
  const added: Question[] = [];
  try {
    const { release, corpus, file } = writer;
    dialogue.show(`\nQuestions for ${file} (${writer.count()} in it), on release ${release} of ${corpus}.\n${HELP}`);
    for (;;) {
      const query = await dialogue.ask("Question: ");
      if (!query) break;
      const question = await askQuestion(dialogue, writer, query);
      if (question === "end") break;
      if (question === null) continue;
      added.push(question);
      dialogue.show(`Added as ${question.id}.\n`);
    }
    const total = writer.count();
    io.result({ file, release, corpus, added, questions: total }, () => renderAdded(file, added.length, total));
  } finally {
    dialogue.close();
    await writer.close();
  }
}

function renderAdded(file: string, added: number, total: number): string {
  const advice =
    total < 30
      ? `Figures mean little below 30 questions.`
      : `Measure with \`npx winnow evaluate --questions ${file}\`, or give it to \`winnow run --questions\`.`;
  return `${counted(added, "question")} added; ${file} holds ${total}. ${advice}`;
}

/** One question from its hits to its line; null if it is skipped. */
async function askQuestion(
  dialogue: Dialogue,
  writer: QuestionWriter,
  query: string,
): Promise<Question | null | "end"> {
  let hits = await writer.find(query, HITS);
  showHits(dialogue, hits, query);
  for (;;) {
    const text = await dialogue.ask("Which answer it? ");
    const reply: Reply = text === null ? { kind: "end" } : parsePicks(text, hits.length);
    switch (reply.kind) {
      case "end":
        return "end";
      case "skip":
        return null;
      case "problem":
        dialogue.show(reply.problem);
        break;
      case "search":
        hits = await writer.find(reply.text, HITS);
        showHits(dialogue, hits, reply.text);
        break;
      case "view":
        dialogue.show(`\n${hits[reply.hit - 1]!.text}\n`);
        break;
      case "none":
        return writer.add({ query, kind: reply.offTopic ? OFF_TOPIC : NEAR_TOPIC, picks: [] });
      case "picks":
        return addPicked(
          dialogue,
          writer,
          query,
          reply.picks.map(({ hit, grade }) => ({ passage: hits[hit - 1]!, grade })),
        );
    }
  }
}

async function addPicked(
  dialogue: Dialogue,
  writer: QuestionWriter,
  query: string,
  picked: { passage: RankedPassage; grade: 1 | 2 }[],
): Promise<Question | "end"> {
  const picks: PickedPassage[] = [];
  for (const { passage, grade } of picked) {
    const evidence = await chooseEvidence(dialogue, query, passage);
    if (evidence === null) return "end";
    picks.push({ passage, grade, evidence });
  }
  return writer.add({ query, kind: await askKind(dialogue, guessKind(query)), picks });
}

/** A kind of answerable question: one word, so that the next question, typed too early, is not taken for it. */
async function askKind(dialogue: Dialogue, guess: string): Promise<string> {
  for (;;) {
    const kind = await dialogue.ask(`Kind (${KINDS.join(", ")}, or a word of your own) [${guess}]: `);
    if (!kind) return guess;
    if (!/\s|^unanswerable/.test(kind)) return kind;
    dialogue.show("A kind is one word, and this question has an answer.");
  }
}

/** The words of the passage that answer: the best span, another one by number, or words typed from the passage. */
async function chooseEvidence(dialogue: Dialogue, query: string, passage: RankedPassage): Promise<string | null> {
  const spans = evidenceSpans(query, passage.text).slice(0, SPANS);
  dialogue.show(`\nWhich words of "${passage.heading.at(-1)}" answer it?`);
  dialogue.show(spans.map((span, at) => `  ${at + 1}  ${span}`).join("\n"));
  const whole = passage.text.replace(/\s+/g, " ");
  for (;;) {
    const text = await dialogue.ask("Evidence: a number, or words copied from the passage [1]: ");
    if (text === null) return null;
    const span = /^\d+$/.test(text) ? spans[Number(text) - 1] : text === "" ? spans[0] : text.replace(/\s+/g, " ");
    if (span !== undefined && whole.includes(span)) return span;
    dialogue.show(`The passage does not hold that. Give a number from 1 to ${spans.length}, or copy words from it.`);
  }
}

function showHits(dialogue: Dialogue, hits: readonly RankedPassage[], query: string): void {
  const cards = renderCards(query, hits, { columns: dialogue.columns });
  dialogue.show(`\n${hits.length === 0 ? "Nothing was found." : cards}\n`);
}
