import { textUnits } from "../../docs/text/textUnits.ts";
import { queryTerms } from "../../retrieval/tokenize.ts";
import type { TrainingCorpus } from "../trainingCorpus.ts";
import { asTyped, type Random, topicQuestion } from "./phrasing.ts";
import type { TrainingQuestion } from "./question.ts";

const DEFINITION =
  /^(?:an?|the)?\s*([\p{L}`][\p{L}\p{N}`./ -]{2,50}?)\s+(?:is|are|refers? to|means|represents|describes)\s+((?:an?|the|one|any|used|responsible)\s.{20,200}?)[.;:(]/iu;
const MAX_WORDS = 22;

/**
 * Questions from sentences that define a term. Half ask "what is X". The others ask for the definition without its
 * term, as somebody would who does not know the word ("a volume that lives as long as its pod").
 */
export function definitionQuestions(
  corpus: TrainingCorpus,

  random: Random,
): TrainingQuestion[] {
  const questions: TrainingQuestion[] = [];
  for (const [position, { text, heading }] of corpus.passages.entries()) {
    const first = textUnits(text).find((unit) => unit.kind === "sentence" && unit.text.split(/\s+/).length >= 6);
    const definition = first && DEFINITION.exec(first.text.replace(/\s+/g, " "));
    if (!first || !definition) continue;
    const [, term, says] = definition as unknown as [string, string, string];
    if (!isSubject(term, heading)) continue;
    const backwards = random() < 0.5;
    const described = says
      .replace(/^(?:used|responsible) /, "")
      .split(/\s+/)
      .slice(0, MAX_WORDS)
      .join(" ");
    questions.push({
      text: backwards ? asTyped(described, random) : topicQuestion(term, random),
      source: "definition",
      position,
      window: null,
      reducedText: null,
      fromHeading: !backwards,
      evidence: first.text,
      scope: "section",
      related: [],
    });
  }
  return questions;
}

/** True if the page or section is about the term: only then does its first sentence define it. */
function isSubject(term: string, heading: string[]): boolean {
  const words = queryTerms(heading.join(" "));
  const asked = queryTerms(term);
  return asked.length > 0 && asked.every((word) => words.includes(word));
}
