import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "../core/base/random.ts";

/** Makes texts of an exact number of wordpieces from a seed; each word is one wordpiece. */
export async function textMaker(modelDir: string, seed: number) {
  const random = seededRandom(seed);
  const { model } = JSON.parse(await readFile(join(modelDir, "tokenizer.json"), "utf8"));
  const words = Object.keys(model.vocab).filter((word) => /^[a-z]{3,}$/.test(word));
  const text = (tokens: number) =>
    Array.from({ length: tokens }, () => words[Math.floor(random() * words.length)]).join(" ");
  return { text, random };
}
