const VOWEL = /[aeiouy]/;

/**
 * Light English stemmer: the inflections of Porter's first step (plural, -ed, -ing, -y) and a final -e or double
 * letter. `schedule`, `scheduled` and `scheduling` get the same stem. Derivations stay distinct on purpose: a
 * `scheduler` is not a `schedule`, a `deployment` is not a `deploy`.
 *
 * @param word lower-case letters; words with digits and words under three letters are returned unchanged.
 */
export function stem(word: string): string {
  if (word.length < 3 || /[^a-z]/.test(word)) return word;
  return withoutFinalLetter(withoutPastOrGerund(withoutPlural(word)));
}

function withoutPlural(word: string): string {
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (word.endsWith("ies")) return word.length > 4 ? word.slice(0, -2) : word.slice(0, -1);
  if (word.length < 4 || !word.endsWith("s") || word.endsWith("ss") || word.endsWith("us")) return word;
  return word.slice(0, -1);
}

function withoutPastOrGerund(word: string): string {
  if (word.endsWith("eed")) return word;
  if (word.endsWith("ied") && word.length > 4) return word.slice(0, -2);
  const suffix = word.endsWith("ing") ? 3 : word.endsWith("ed") ? 2 : 0;
  if (suffix === 0) return word;
  const root = word.slice(0, -suffix);
  if (root.length < 2 || !VOWEL.test(root)) return word;
  const last = root.at(-1)!;
  const doubled = last === root.at(-2) && !VOWEL.test(last) && last !== "s" && last !== "z";
  return doubled ? root.slice(0, -1) : root;
}

function withoutFinalLetter(word: string): string {
  const root = word.slice(0, -1);
  if (word.endsWith("e") && root.length >= 2 && VOWEL.test(root)) return root;
  if (word.endsWith("y") && root.length >= 2 && !VOWEL.test(root.at(-1)!)) return `${root}i`;
  if (word.endsWith("ll") && word.length >= 4) return root;
  return word;
}
