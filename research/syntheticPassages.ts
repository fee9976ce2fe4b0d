import { seededRandom } from "../core/base/random.ts";
import { sentences } from "../core/docs/pack.ts";
import { type StoredPassage, windowCount } from "../core/docs/windows.ts";
import { stem } from "../core/retrieval/stem.ts";
import { tokenize } from "../core/retrieval/tokenize.ts";

/** Maximum share of passages with a rare word. Other docs would use other words instead of the rare ones. */
const RARE = 0.005;
/** Share of a passage's lines and sentences that come from other passages of its page. */
const MIXED = 0.5;
/** Words that may be renamed: Latin letters in one case, alone or as part of an identifier. */
const WORD = /[A-Z]?[a-z]{3,}/g;
/** Longest line that is kept whole. */
const LINE_CHARACTERS = 200;
const CONSONANTS = "bcdfghjklmnpqrstvwxz";

/** A line or sentence: literal text and rare words in alternation, a literal first and last. */
interface Template {
  literals: string[];
  words: { id: number; text: string }[];
}

interface PassageTemplate extends Pick<StoredPassage, "page" | "url" | "lines"> {
  heading: Template[];
  units: Template[];
}

/**
 * A corpus of any size modelled on a real one, for the vectors of `writeSynthetic`. Passage i has the page, headings
 * and number of lines and sentences of the real passage whose first window is the source of the i-th vector. Half of
 * its lines and sentences are drawn from all passages of that page. Vectors from later windows take any passage of the
 * page; otherwise long passages would occur once per window.
 *
 * Vocabulary grows as in real text, by Heaps' law V(n) = K n^b, with b measured on the real passages. The corpus
 * consists of editions with as many passages as the real one. The e-th edition should add about b e^(b-1) times the
 * terms of the first.
 *
 * New terms are forms of words in at most one of 200 passages. In each edition such a word gets a new form, with an
 * unused prefix, with the probability that produces this number. Otherwise it takes the form of a random earlier
 * edition (Simon, 1955), so some rare words spread and most stay rare. More frequent words are the language itself and
 * do not change. Each passage has one window.
 *
 * @param rows windows of the real passages, in order, that are the sources of the vectors.
 */
export function* syntheticPassages(
  real: readonly StoredPassage[],
  rows: Iterable<number>,
  seed = 3,
): Generator<StoredPassage> {
  const random = seededRandom(seed);
  const rare = rareWords(real);
  const templates = real.map((passage) => templateOf(passage, rare));
  const pages = byPage(templates);
  const units = new Map([...pages].map(([page, all]) => [page, all.flatMap(({ units }) => units)]));
  const windows = real.flatMap((passage, at) =>
    Array.from({ length: windowCount(passage) }, (_, window) => ({ at, window })),
  );
  const oneOf = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)]!;
  const editions = new Editions(rare.size, vocabularyOf(real, rare), random);
  let at = 0;
  for (const row of rows) {
    const { at: source, window } = windows[row]!;
    const { page } = templates[source]!;
    const template = window === 0 ? templates[source]! : oneOf(pages.get(page)!);
    const edition = 1 + Math.floor(at / real.length);
    const drawn = template.units.map((unit) => (random() < MIXED ? oneOf(units.get(page)!) : unit));
    yield {
      id: at.toString(16).padStart(16, "0"),
      page: `${edition}/${page}`,
      heading: template.heading.map((step) => editions.write(step, edition)),
      url: `/${edition}${template.url}`,
      lines: template.lines,
      text: drawn.map((unit) => editions.write(unit, edition)).join("\n"),
    };
    at++;
  }
}

interface Vocabulary {
  /** Distinct BM25 terms. */
  terms: number;
  /** Number of terms that are or contain a rare word. */
  withRare: number;
  /** The b of Heaps' law, from the terms of every second passage and of all passages. */
  exponent: number;
}

function vocabularyOf(passages: readonly StoredPassage[], rare: ReadonlyMap<string, number>): Vocabulary {
  const half = new Set<string>();
  const all = new Set<string>();
  for (const [at, { heading, text }] of passages.entries()) {
    for (const term of tokenize(`${heading.join("\n")}\n${text}`)) {
      all.add(term);
      if (at % 2 === 0) half.add(term);
    }
  }
  const hasRare = (term: string) => term.match(WORD)?.some((word) => rare.has(stem(word)));
  const withRare = [...all].filter(hasRare).length;
  return { terms: all.size, withRare, exponent: Math.log2(all.size / half.size) };
}

/** The edition whose form of each rare word an edition uses. */
class Editions {
  private readonly forms: Uint16Array[] = [];
  private readonly prefixes: string[] = [""];
  constructor(
    private readonly words: number,
    private readonly vocabulary: Vocabulary,
    private readonly random: () => number,
  ) {}

  write({ literals, words }: Template, edition: number): string {
    const forms = this.formsOf(edition);
    let text = literals[0]!;
    for (const [at, { id, text: word }] of words.entries())
      text += withPrefix(this.prefixes[forms[id]!]!, word) + literals[at + 1]!;
    return text;
  }

  private formsOf(edition: number): Uint16Array {
    while (this.forms.length < edition) {
      const e = this.forms.length + 1;
      const { terms, withRare, exponent } = this.vocabulary;
      const fresh = e === 1 ? 1 : (exponent * e ** (exponent - 1) * terms) / withRare;
      this.prefixes.push(prefixOf(e));
      const earlier = () => this.forms[Math.floor(this.random() * (e - 1))]!;
      this.forms.push(
        Uint16Array.from({ length: this.words }, (_, id) => (this.random() < fresh ? e : earlier()[id]!)),
      );
    }
    return this.forms[edition - 1]!;
  }
}

/** The prefix of words that an edition coins; empty for the first. */
function prefixOf(edition: number): string {
  if (edition === 1) return "";
  return edition.toString(CONSONANTS.length).replace(/./g, (digit) => CONSONANTS[Number.parseInt(digit, 20)]!);
}

/** The result stays one word: a capital moves to the prefix. */
function withPrefix(prefix: string, word: string): string {
  if (prefix === "") return word;
  const lower = word.toLowerCase();
  return word === lower ? prefix + word : prefix[0]!.toUpperCase() + prefix.slice(1) + lower;
}

/** Numbers of the stems in at most `RARE` of the passages. */
function rareWords(passages: readonly StoredPassage[]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const { heading, text } of passages) {
    const found = `${heading.join("\n")}\n${text}`.match(WORD) ?? [];
    for (const word of new Set(found.map((word) => stem(word.toLowerCase()))))
      frequency.set(word, (frequency.get(word) ?? 0) + 1);
  }
  const rare = [...frequency].filter(([, count]) => count <= RARE * passages.length);
  return new Map(rare.map(([word], id) => [word, id]));
}

function templateOf({ page, url, lines, heading, text }: StoredPassage, rare: Map<string, number>): PassageTemplate {
  const parts = text.split("\n").flatMap((line) => (line.length > LINE_CHARACTERS ? sentences(line) : [line]));
  const cut = (part: string) => cutAtWords(part, rare);
  return { page, url, lines, heading: heading.map(cut), units: parts.map(cut) };
}

function cutAtWords(text: string, rare: Map<string, number>): Template {
  const template: Template = { literals: [], words: [] };
  let from = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const id = rare.get(stem(word.toLowerCase()));
    if (id === undefined) continue;
    template.literals.push(text.slice(from, index));
    template.words.push({ id, text: word });
    from = index + word.length;
  }
  template.literals.push(text.slice(from));
  return template;
}

function byPage(templates: PassageTemplate[]): Map<string, PassageTemplate[]> {
  const pages = new Map<string, PassageTemplate[]>();
  for (const template of templates) pages.set(template.page, []);
  for (const template of templates) pages.get(template.page)!.push(template);
  return pages;
}
