import { WinnowError } from "../base/errors.ts";
import type { TaskContext } from "../base/progress.ts";
import type { HostTensor } from "./safetensors.ts";
import type { Tokenizer } from "./wholeText.ts";

/** More tokens than any passage of the docs has. */
const WHOLE = 4096;
/** Texts between two reports of progress. */
const REPORTED = 2000;
/** Log share of a special token, [CLS] or [SEP], which is practically zero. */
const NEVER = -30;

/**
 * Weight of each question token in the token matches, as the logarithm of its share. It is half the logarithm of BM25's
 * inverse document frequency over `texts` (Robertson and Zaragoza, 2009), which are read once and not kept. So "pod"
 * counts less than "toleration" in docs where every other passage mentions pods. float32 [vocabulary, 1]. Throws
 * Cancelled if `ctx.signal` aborts.
 */
export async function tokenRarity(
  tokenizer: Tokenizer,
  texts: Iterable<string> | AsyncIterable<string>,
  vocabulary: number,
  ctx?: Pick<TaskContext, "signal" | "progress">,
): Promise<HostTensor> {
  const holders = new Uint32Array(vocabulary);
  let count = 0;
  for await (const text of texts) {
    for (const id of new Set(tokenizer.encode(text, WHOLE).ids)) holders[id]!++;
    if (++count % REPORTED > 0) continue;
    if (ctx?.signal.aborted) throw new WinnowError("Cancelled", "counting the rarity of tokens was cancelled");
    ctx?.progress({ step: 0, of: 1, note: `${count} windows counted for the rarity of tokens` });
  }
  const data = Float32Array.from(holders, (n) => 0.5 * Math.log(Math.log(1 + (count - n + 0.5) / (n + 0.5))));
  for (const id of tokenizer.encode("", WHOLE).ids) data[id] = NEVER;
  return { dims: [vocabulary, 1], data };
}
