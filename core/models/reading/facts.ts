import { splitFrontMatter } from "../../docs/frontMatter.ts";
import type { Found, LogitActivation, Module, Prefixes } from "./description.ts";
import { badFile, isObject, type Json, smallObject, smallText } from "./files.ts";

export const PROMPTS_FILE = "config_sentence_transformers.json";
const TOKENIZER_FILE = "tokenizer_config.json";
/** Sentence-transformers names the file after the architecture. */
const LENGTH_FILES = ["bert", "roberta", "distilbert", "xlm-roberta", "camembert", "albert", "xlnet"].map(
  (name) => `sentence_${name}_config.json`,
);
/** Tokenizers without a limit state 1e30. */
const NO_LIMIT = 1e9;

/** Keys of `prompts` in models of several makers. Those of sentence-transformers come first. */
const QUESTION_PROMPTS = ["query", "search_query", "retrieval.query", "Retrieval-query", "s2p_query"];
const PASSAGE_PROMPTS = [
  ...["document", "passage", "corpus", "search_document", "retrieval.passage", "retrieval.document"],
  ...["Retrieval-document", "Retrieval-passage"],
];

/**
 * Prefixes from a sentence-transformers `prompts` table. Null if the file states none for a search: versions from 5 on
 * write two empty prompts into every folder.
 */
export function promptsOf(dir: string, settings: Json | null): Found<Prefixes> | null {
  const prompts = settings?.prompts;
  if (!isObject(prompts)) return null;
  const of = (names: readonly unknown[]): string => {
    const name = names.find((each) => typeof each === "string" && typeof prompts[each] === "string");
    return name === undefined ? "" : (prompts[name as string] as string);
  };
  const usual = settings?.default_prompt_name;
  if (typeof usual === "string" && typeof prompts[usual] !== "string") {
    throw badFile(dir, PROMPTS_FILE, `default_prompt_name is ${JSON.stringify(usual)}, which prompts does not hold`);
  }
  const value = { question: of([...QUESTION_PROMPTS, usual]), passage: of([...PASSAGE_PROMPTS, usual]) };
  return value.question || value.passage ? { value, from: "file", file: PROMPTS_FILE } : null;
}

/** Keys of `prompts` whose texts are not used, because none of them is known to be of a search. */
export function ignoredPrompts(dir: string, settings: Json | null): string[] {
  const prompts = settings?.prompts;
  if (!isObject(prompts) || promptsOf(dir, settings) !== null) return [];
  return Object.keys(prompts).filter((key) => typeof prompts[key] === "string" && prompts[key] !== "");
}

/**
 * Most tokens that sentence-transformers reads of a text: `max_seq_length`, else the tokenizer's limit. Null if neither
 * is stated; then the model's positions decide.
 */
export async function lengthOf(dir: string, modules: readonly Module[]): Promise<Found<number> | null> {
  for (const file of LENGTH_FILES) {
    const value = (await smallObject(dir, file))?.max_seq_length;
    if (value === undefined || value === null) continue;
    if (typeof value === "number" && Number.isInteger(value) && value > 2) return { value, from: "file", file };
    throw badFile(dir, file, "max_seq_length must be a whole number above 2");
  }
  if (modules.length === 0) return null;
  const value = (await smallObject(dir, TOKENIZER_FILE))?.model_max_length;
  const states = typeof value === "number" && value > 2 && value < NO_LIMIT;
  return states ? { value: Math.floor(value), from: "file", file: TOKENIZER_FILE } : null;
}

/**
 * Positions of a model, which bound its texts; null if `config.json` states none. RoBERTa and its descendants count
 * them from the padding token's id + 1.
 */
export function positionsOf(config: Json | null): number | null {
  const { max_position_embeddings: positions, model_type: type, pad_token_id: padding } = config ?? {};
  if (typeof positions !== "number") return null;
  const offset = /roberta|camembert/.test(String(type)) ? (typeof padding === "number" ? padding : 1) + 1 : 0;
  return positions - offset;
}

const ACTIVATIONS: Record<string, LogitActivation> = {
  "torch.nn.modules.linear.Identity": "identity",
  "torch.nn.modules.activation.Sigmoid": "sigmoid",
};

/** A cross-encoder's activation. Sentence-transformers takes the sigmoid for one label if no file states another. */
export function activationOf(dir: string, config: Json | null, settings: Json | null): Found<LogitActivation> {
  const own = isObject(config?.sentence_transformers) ? config.sentence_transformers.activation_fn : undefined;
  const stated: [string, unknown][] = [
    ["config.json", own ?? config?.sbert_ce_default_activation_function],
    [PROMPTS_FILE, settings?.activation_fn],
  ];
  for (const [file, name] of stated) {
    if (typeof name !== "string") continue;
    const value = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
    if (value) return { value, from: "file", file };
    throw badFile(
      dir,
      file,
      `the activation ${name} is not supported; expected ${Object.keys(ACTIVATIONS).join(" or ")}`,
    );
  }
  return { value: "sigmoid", from: "default" };
}

/** The licence in the front matter of the model card; null if there is none. A card that cannot be read is no error. */
export async function licenceOf(dir: string): Promise<Found<string> | null> {
  const card = await smallText(dir, "README.md").catch(() => null);
  const front = card === null ? null : splitFrontMatter(card);
  if (front === null || "reason" in front) return null;
  const { license, license_name: name } = front.data;
  const ids = [license].flat().filter((id): id is string => typeof id === "string" && id !== "");
  // "other" stands beside the name of a licence that has no id.
  const value = ids.join(" or ") === "other" && typeof name === "string" ? name : ids.join(" or ");
  return value ? { value: value.toLowerCase(), from: "file", file: "README.md" } : null;
}
