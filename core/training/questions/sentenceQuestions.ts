import { type TextUnit, textUnits } from "../../docs/text/textUnits.ts";
import { windowCount, windowText } from "../../docs/windows.ts";
import { queryTerms } from "../../retrieval/tokenize.ts";
import type { TrainingCorpus } from "../trainingCorpus.ts";
import { asTyped, everyday, firstPerson, phrase, plainText, type Random, taskQuestion, weighted } from "./phrasing.ts";
import type { QuestionSource, TrainingQuestion } from "./question.ts";
import { isBaseVerb } from "./verbs.ts";

const MIN_WORDS = 8;
const MAX_WORDS = 45;
const MIN_TERMS = 5;
const MAX_QUERY_WORDS = 18;
/** Fewest words left in a window after a sentence is removed. */
const MIN_REST = 30;

const OPENING =
  /^(?:however|therefore|thus|instead|otherwise|also|additionally|furthermore|moreover|for example|for instance|note that|note|in this case|in addition|by default|as a result|similarly|likewise|finally|first|second|then|next|typically|usually|in general|and|but|so|caution|warning|tip|alternatively),?:?\s+/i;
/** Sentences that depend on the text before them or refer to the page. They make no question. */
const NO_QUESTION =
  /^(?:this|these|those|that|it|they|he|she|we|let['’]s|such|here|above|below|as with|wait|notice|verify that|make sure|recall|remember|take a look|click|press|open|enter|type|now|the (?:following|above|previous|next|example|output|command|result))\b|\b(?:this (?:page|document|section|guide|tutorial|task|example)|see |such an? |we |below|refer to|for more information|learn more)\b|feature state|\|/i;
const PURPOSE =
  /^(?:in order to|to|if you (?:want|need|wish|would like) to) ([a-z][\w-]* .{6,90}?)(?:, (?!and\b|or\b)| (?:you (?:can|must|should|need)|use|run)\b)/i;
const ABILITY =
  /^(?:[\w\s-]{0,60}?\b(?:allows?|lets?|enables?|helps?) you (?:to )?|you (?:can|could|may) (?:also )?)([a-z][\w-]* .{8,110}?)(?= by \w+ing\b| using\b| with the\b| via\b| through\b|[.;:](?: |$)| \(|, |$)/i;
const CONDITION = /^(?:if|when|whenever|after|while) (.{12,110}?), (?:then )?/i;

/** Maximum of cloze sentences per window, each removed separately. */
const CLOZES = 2;

/** Questions from the sentences of passages: tasks, conditions, and sentences removed from their passage. */
export function sentenceQuestions(corpus: TrainingCorpus, random: Random): TrainingQuestion[] {
  const questions: TrainingQuestion[] = [];
  for (const { text, ...place } of windowsIn(corpus)) {
    const statements: TextUnit[] = [];
    for (const unit of textUnits(text)) {
      if (unit.kind !== "sentence") continue;
      const purpose = purposeQuestion(text, unit, place, random);
      if (purpose !== null) questions.push(purpose);
      else if (isTelling(said(unit))) statements.push(unit);
    }
    for (let n = 0; n < CLOZES && statements.length > 0; n++) {
      const [unit] = statements.splice(Math.floor(random() * statements.length), 1);
      const cloze = clozeQuestion(text, unit!, place, random);
      if (cloze !== null) questions.push(cloze);
    }
  }
  return questions;
}

/** A window: its passage's position, and its number in the passage. */
interface Place {
  position: number;
  window: number;
}

function* windowsIn(corpus: TrainingCorpus): Generator<Place & { text: string }> {
  for (const [position, passage] of corpus.passages.entries())
    for (let window = 0; window < windowCount(passage); window++)
      yield { position, window, text: windowText(passage, window) };
}

/** The sentence without markup and without the words that connect it to the previous one. */
function said(unit: TextUnit): string {
  return plainText(unit.text).replace(OPENING, "");
}

function purposeQuestion(shown: string, unit: TextUnit, place: Place, random: Random): TrainingQuestion | null {
  const sentence = said(unit);
  const task = taskIn(sentence);
  const condition = task === null ? conditionIn(sentence) : null;
  if (task === null && condition === null) return null;
  const text = task === null ? conditionQuestion(condition!, random) : taskQuestion(task, random);
  const reducedText = withoutOpening(shown, unit, random);
  return questionOf(text, task === null ? "condition" : "task", unit, place, reducedText);
}

function clozeQuestion(shown: string, unit: TextUnit, place: Place, random: Random): TrainingQuestion | null {
  const rest = withoutUnit(shown, unit);
  if (rest === null) return null;
  return random() < 0.5
    ? questionOf(statementQuestion(said(unit), random), "cloze", unit, place, rest)
    : questionOf(keywordQuestion(said(unit), random), "keywords", unit, place, rest);
}

function questionOf(
  text: string,
  source: QuestionSource,
  unit: TextUnit,
  place: Place,
  reducedText: string | null,
): TrainingQuestion {
  const evidence = unit.text;
  return { text, source, ...place, reducedText, fromHeading: false, evidence, scope: "section", related: [] };
}

/** "use X to do Y": users who want Y do not know about X. */
const MEANS = /^(?:use|run|apply|specify|set|add|define|download|install|create|configure) .{3,60}? to ([a-z]+ .*)$/i;

/** The task that a sentence describes: "To scale a Deployment, run ..." gives "scale a Deployment". */
export function taskIn(sentence: string): string | null {
  const found = (PURPOSE.exec(sentence) ?? ABILITY.exec(sentence))?.[1]?.trim();
  if (found === undefined) return null;
  const end = MEANS.exec(found)?.[1];
  const task = phrase(end !== undefined && isBaseVerb(end.split(" ")[0]!) ? end : found, MAX_QUERY_WORDS);
  if (!isBaseVerb(task.split(/\s+/)[0]!)) return null;
  if (/\b(?:this|that|these|those|it|them|following|above|below|more about|learn|page|documentation)\b/i.test(task))
    return null;
  return queryTerms(task).length >= 3 ? task : null;
}

/** The condition at the start of a sentence, as a user in that situation would describe it. */
export function conditionIn(sentence: string): string | null {
  const condition = CONDITION.exec(sentence)?.[1];
  if (condition === undefined || /^you (?:want|need|wish|would like)\b/i.test(condition)) return null;
  if (/\b(?:this|that|these|those|it|they|them|following|above|below|do not know|see)\b/i.test(condition)) return null;
  if (/^(?:true|false|set|un\w+|specified|present|empty|omitted|not |you are (?:using|running|not))\b/i.test(condition))
    return null;
  return queryTerms(condition).length >= 4 ? phrase(condition, MAX_QUERY_WORDS) : null;
}

function conditionQuestion(condition: string, random: Random): string {
  const typed = asTyped(everyday(condition, random), random);
  return weighted(random, [
    [typed, 5],
    [`what happens when ${typed}`, 2],
    [`what happens if ${typed}`, 1],
    [`what to do when ${typed}`, 1],
  ]);
}

function isTelling(sentence: string): boolean {
  const words = sentence.split(/\s+/).length;
  if (words < MIN_WORDS || words > MAX_WORDS || NO_QUESTION.test(sentence)) return false;
  return /^[\p{L}`-]/u.test(sentence) && queryTerms(sentence).length >= MIN_TERMS;
}

const TROUBLE =
  /\b(?:fail\w*|errors?|cannot|can['’]t|unable|not able|stuck|reject\w*|denied|refused|timeouts?|times out|missing|not work|does not|crash\w*|lost|conflicts?|invalid|exceed\w*|terminated|forbidden)\b/i;

/** One clause of the sentence, phrased as by a user who looks for it. Clauses about trouble come first. */
function statementQuestion(sentence: string, random: Random): string {
  const said = firstPerson(sentence.replace(/^you (?:can|must|should|may|need to)(?: also)? /i, ""));
  const clauses = said.split(/[,;:]\s+|\s+\(|\)\s+|\s+[-–—]\s+|\s+(?=(?:because|which|so that|unless|but)\b)/);
  const telling = clauses.filter((clause) => queryTerms(clause).length >= MIN_TERMS && !NO_QUESTION.test(clause));
  const clause = telling.find((part) => TROUBLE.test(part)) ?? telling[Math.floor(random() * telling.length)] ?? said;
  const words = clause.replace(/^(?:which|because|so that|but|and|that|or|if|when|by|including)\s+/i, "");
  return asTyped(everyday(phrase(words, MAX_QUERY_WORDS), random), random);
}

const LITTLE = new Set(
  "am trying also only same such more most other any all each every may must should would might one two using use used very even still both either whether via per within".split(
    " ",
  ),
);

/** Five to seven content words of the sentence in their order, as people type into a search box. */
function keywordQuestion(sentence: string, random: Random): string {
  const telling = asTyped(sentence, random)
    .split(/\s+/)
    .map((word) => word.replace(/^[("'[]+|[)"'\],.:;]+$/g, ""))
    .filter((word) => word.length > 1 && !LITTLE.has(word) && saysSomething(word));
  const count = 5 + Math.floor(random() * 3);
  const from = Math.floor(random() * Math.max(1, telling.length - count + 1));
  return everyday([...new Set(telling.slice(from, from + count))].join(" "), random);
}

/** False for function words, which are dropped from a query. */
function saysSomething(word: string): boolean {
  return queryTerms(`zzz ${word}`).length > 1;
}

/** The window without the sentence, or null if too little is left. */
function withoutUnit(shown: string, unit: TextUnit): string | null {
  const rest = `${shown.slice(0, unit.start).trimEnd()} ${shown.slice(unit.end).trimStart()}`.trim();
  return rest.split(/\s+/).length >= MIN_REST ? rest : null;
}

/** In half of the cases, the window without the clause that became the question; otherwise null. */
function withoutOpening(shown: string, unit: TextUnit, random: Random): string | null {
  const comma = unit.text.indexOf(", ");
  if (random() < 0.5 || comma < 0 || comma > unit.text.length / 1.5) return null;
  const kept = unit.text.slice(comma + 2);
  return `${shown.slice(0, unit.start)}${kept[0]!.toUpperCase()}${kept.slice(1)}${shown.slice(unit.end)}`;
}
