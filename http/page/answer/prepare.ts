import type { Doors } from "../../../client/doors.ts";
import type { Citation, ReceiptCandidate } from "../../../contracts/ask.ts";
import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { type Prepared, quotedIn, type ShownAnswer, type Source } from "./shown.ts";
import { answerTree } from "./tree.ts";

/** Passages are read by the release's engine, which may have to be loaded first. Quotes are shown without them. */
const SOURCES_MS = 4000;

/** An answer with all that the page shows of it. */
export async function shownAnswer(answer: IdentifiedAnswer, doors: Doors, signal?: AbortSignal): Promise<ShownAnswer> {
  const [prepared, sources] = await Promise.all([prepare(answer, doors), sourcesOf(answer, doors, signal)]);
  return { answer, ...prepared, sources };
}

/** The answer's text as a tree, and how good its release is. */
export async function prepare({ answer, receipt }: IdentifiedAnswer, doors: Doors): Promise<Prepared> {
  // An answer can be read while the store is away.
  const serving = await doors.serving().catch(() => []);
  const quality = serving.find(({ release }) => release === receipt.release)?.quality ?? null;
  return { tree: answerTree(answer), quality };
}

/** The cited passages in full; null for each that cannot be read now. */
export async function sourcesOf(
  answer: IdentifiedAnswer,
  doors: Doors,
  signal?: AbortSignal,
): Promise<(Source | null)[]> {
  const within = AbortSignal.any([AbortSignal.timeout(SOURCES_MS), ...(signal ? [signal] : [])]);
  const { release, candidates } = answer.receipt;
  const found = quotedIn(answer).map((citation) =>
    sourceOf(citation, candidates, (id) => doors.passage(id, { release, signal: within })),
  );
  return Promise.all(found.map((each) => each.catch(() => null)));
}

/** The receipt names no lines, so of a section's passages the one with the citation's lines is taken. */
async function sourceOf(
  { page, url, lines, quote }: Citation,
  candidates: ReceiptCandidate[],
  read: (id: string) => ReturnType<Doors["passage"]>,
): Promise<Source | null> {
  for (const { id } of candidates.filter((each) => each.page === page && each.url === url)) {
    const passage = (await read(id))?.passage;
    if (!passage || passage.lines[0] !== lines[0] || passage.lines[1] !== lines[1]) continue;
    const at = passage.text.indexOf(quote);
    return { id, text: passage.text, at: at < 0 ? null : at };
  }
  return null;
}
