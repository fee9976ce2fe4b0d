import { taskOf } from "./verbs.ts";

/** Uniform random numbers in [0, 1). */
export type Random = () => number;

/** Picks one choice at random, by weight. */
export function weighted<T>(random: Random, choices: [T, number][]): T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [choice, weight] of choices) if ((left -= weight) < 0) return choice;
  return choices.at(-1)![0];
}

/** Everyday words for terms of the docs. Replacements go one way, so that the model must learn the docs' term. */
const EVERYDAY: Record<string, string[]> = {
  avoid: ["prevent"],
  configure: ["set up", "set"],
  connect: ["reach", "talk"],
  create: ["make", "add"],
  default: ["standard"],
  delete: ["remove", "get rid of"],
  disable: ["turn off", "switch off"],
  display: ["show", "see"],
  enable: ["turn on", "activate"],
  ensure: ["make sure"],
  error: ["failure", "problem"],
  execute: ["run"],
  fail: ["break", "go wrong"],
  fails: ["breaks", "does not work"],
  maximum: ["max", "largest"],
  minimum: ["min", "smallest"],
  modify: ["change", "edit"],
  obtain: ["get"],
  periodically: ["regularly"],
  prevent: ["stop", "avoid"],
  remove: ["delete"],
  retrieve: ["get", "fetch"],
  specify: ["set", "give"],
  terminate: ["kill", "stop"],
  terminated: ["killed", "stopped"],
  verify: ["check"],
  view: ["see", "look at"],
};

/** What a user would type for a topic heading, such as "Pod lifecycle". The plain heading has the largest weight. */
export function topicQuestion(topic: string, random: Random): string {
  const typed = asTyped(topic, random);
  const plural = /[^s]s$/.test(topic);
  return weighted(random, [
    [typed, 5],
    [`what ${plural ? "are" : "is"} ${typed}`, 1.5],
    [`how ${plural ? "do" : "does"} ${typed} work`, 1.5],
    [`explain ${typed}`, 0.4],
  ]);
}

/** What a user would type to do `task`, an imperative such as "create a Deployment". */
export function taskQuestion(task: string, random: Random): string {
  const typed = asTyped(everyday(task, random), random);
  return weighted(random, [
    [typed, 4],
    [`how to ${typed}`, 2.5],
    [`how do I ${typed}`, 2],
    [`how can I ${typed}`, 1],
    [`I want to ${typed}`, 0.5],
  ]);
}

/** A heading as a question: tasks and topics are phrased accordingly, questions stay as they are. */
export function headingQuestion(heading: string, random: Random): string {
  const plain = plainText(heading);
  if (/^(?:how|what|why|when|where|which|who|is|are|can|do|does|should)\b.*\?$/i.test(plain))
    return asTyped(plain, random);
  const task = taskOf(plain);
  return task === null ? topicQuestion(plain, random) : taskQuestion(task, random);
}

/** The text on one line, without markup, code quotes, leading numbers and closing punctuation. */
export function plainText(text: string): string {
  return text
    .replace(/^\s*(?:[-*+•]\s+)+/, "")
    .replace(/`/g, "")
    .replace(/(\*{1,2})([^*]+)\1/g, "$2")
    .replace(/(?<![\w])_([^_]+)_(?!\w)/g, "$1")
    .replace(/^\s*(?:step\s+)?\d{1,2}[.):]\s+/i, "")
    .replace(/\s+/g, " ")
    .replace(/[\s.:;,]+$/, "")
    .trim();
}

/**
 * Lower-cases all but identifiers (`nodeName`, `API`) and turns "you" into "I". Every fourth text is lower-cased
 * entirely.
 */
export function asTyped(text: string, random: Random): string {
  const plain = firstPerson(plainText(text)).replace(random() < 0.7 ? /[?.!]+$/ : /$^/, "");
  if (random() < 0.25) return plain.toLowerCase();
  return plain.replace(/(?<![\w./-])\p{Lu}\p{Ll}+(?![\w/-]|\.\w)/gu, (word) => word.toLowerCase());
}

const OBJECT =
  /\b(about|allows?|asks?|at|by|enables?|for|from|gives?|helps?|lets?|like|of|on|offers?|reminds?|requires?|shows?|tells?|to|warns?|with) you\b/gi;

/** Rewrites the second person of docs as the first person of users. */
export function firstPerson(text: string): string {
  return text
    .replace(/\byou(?:(?: a|['’])re)\b/gi, "I am")
    .replace(/\byour\b/gi, "my")
    .replace(/\byours(?:elf)?\b/gi, "mine")
    .replace(OBJECT, "$1 me")
    .replace(/\byou(?=[\s.,;:?!]*$)/gi, "me")
    .replace(/\byou\b/gi, "I");
}

const TRAILING =
  /(?:\s+(?:a|all|an|and|any|as|at|by|each|its|my|their|this|for|from|in|into|is|are|of|on|or|so|such|than|that|the|to|via|when|which|with))+$/i;

/** The first `most` words, without an unclosed bracket or quotation mark and without trailing function words. */
export function phrase(text: string, most: number): string {
  let words = text.split(/\s+/).slice(0, most).join(" ");
  for (const [open, close] of ["()", "[]", "{}", "“”"]) {
    if (words.lastIndexOf(open!) > words.lastIndexOf(close!)) words = words.slice(0, words.lastIndexOf(open!));
    if (!words.includes(open!)) words = words.replaceAll(close!, "");
  }
  if ((words.match(/"/g)?.length ?? 0) % 2 === 1) words = words.replaceAll('"', "");
  return words.replace(/[\s,;:–—-]+$/, "").replace(TRAILING, "");
}

/** In one question of three, replaces at most two words by everyday ones. */
export function everyday(text: string, random: Random): string {
  if (random() > 0.33) return text;
  let left = 2;
  return text.replace(/[\w./-]+/g, (word) => {
    const others = EVERYDAY[word];
    if (others === undefined || left === 0) return word;
    left--;
    return others[Math.floor(random() * others.length)]!;
  });
}
