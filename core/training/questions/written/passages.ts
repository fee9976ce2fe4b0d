import type { Passage } from "../../../../contracts/passage.ts";
import { STYLES, type Style, type WriteRequest, writeRequested } from "../../../artifacts/written.ts";
import type { TaskContext } from "../../../base/progress.ts";
import { fnv1a, seededRandom } from "../../../base/random.ts";
import { splitPages } from "../../split.ts";
import { generatedPages, openTrainingCorpus, type TrainingCorpus } from "../../trainingCorpus.ts";
import { obstacleToTraining, type TrainingPlanned } from "./obstacle.ts";

export interface ChooseArgs extends TrainingPlanned {
  ingestDir: string;
  /** Questions wanted. */
  count: number;
  /** Receives the requests (core/artifacts/written.ts). */
  outDir: string;
}

const MAX_TEXT = 1600;
const FEWEST_WORDS = 30;
/** Minimums of prose: the share of characters that are letters or spaces, and of words outside lists and tables. */
const PROSE = { letters: 0.75, sentences: 0.5 };
/** Passages per page: this times the square root of its passages. */
const PER_PAGE = 2;

/**
 * Writes the requests of a corpus and returns their number: none, and the reason, if no training can follow. Runs in a
 * child process because the corpus may be large. Throws BadInput for a malformed pair.
 */
export async function choosePassages(
  args: ChooseArgs,
  _ctx: TaskContext,
): Promise<{ requests: number; obstacle: string | null }> {
  const corpus = await openTrainingCorpus(args.ingestDir);
  try {
    const requests = writeRequests(corpus, args.count, args.seed);
    const obstacle = await obstacleToTraining(corpus, args, requests.length);
    return { requests: await writeRequested(args.outDir, obstacle === null ? requests : []), obstacle };
  } finally {
    corpus.close();
  }
}

/**
 * Requests for passages of training and validation pages, spread over the pages, each with a style. Generated reference
 * is left out. If `count` exceeds the passages of prose, the limit per page is lifted, then passages repeat in another
 * style. Deterministic for a seed.
 */
export function writeRequests(corpus: TrainingCorpus, count: number, seed: number): WriteRequest[] {
  const order = spread(corpus, seed);
  const styled = STYLES.flatMap((_, round) =>
    order.map(({ position, at }) => ({
      position,
      style: STYLES[(Math.floor(at * STYLES.length) + round) % STYLES.length]!,
    })),
  );
  return styled.slice(0, count).map(({ position, style }) => request(corpus.passages.at(position)!, style));
}

/**
 * Passages of prose in random order; those within their page's limit come first. Order and style of a passage depend on
 * its id alone, so that replies stay known when other passages change.
 */
function spread(corpus: TrainingCorpus, seed: number): { position: number; at: number }[] {
  const splits = splitPages(corpus.byPage.keys());
  const generated = generatedPages(corpus);
  const taken = new Map<string, number>();
  const prose: { position: number; page: string; order: number; at: number }[] = [];
  for (const [position, { id, page, text }] of corpus.passages.entries()) {
    if (splits.get(page) === "heldout" || generated.has(page) || !isProse(text)) continue;
    const random = seededRandom(fnv1a(`${seed} ${id}`));
    prose.push({ position, page, order: random(), at: random() });
  }
  return prose
    .sort((a, b) => a.order - b.order)
    .map(({ position, page, at }) => {
      const cap = Math.ceil(PER_PAGE * Math.sqrt(corpus.byPage.get(page)!.length));
      const rank = (taken.get(page) ?? 0) + 1;
      taken.set(page, rank);
      return { position, at, over: rank > cap ? 1 : 0 };
    })
    .sort((a, b) => a.over - b.over);
}

function isProse(text: string): boolean {
  const letters = text.match(/[\p{L} ]/gu)?.length ?? 0;
  const lines = text.split("\n").filter((line) => !/^\s*(?:[-*|>]|\d+\.) /.test(line) && !line.includes(" | "));
  const words = lines.join(" ").split(/\s+/).length;
  return (
    words >= Math.max(FEWEST_WORDS, PROSE.sentences * text.split(/\s+/).length) &&
    letters / text.length >= PROSE.letters
  );
}

function request({ id, heading, text }: Passage, style: Style): WriteRequest {
  return { passageId: id, style, heading, text: text.slice(0, MAX_TEXT) };
}
