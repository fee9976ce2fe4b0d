import type { IdentifiedAnswer } from "../contracts/askEvents.ts";
import {
  type Decision,
  type ReviewedVote,
  type Verdict,
  type Vote,
  type VotedPassage,
  type VoteInput,
  voteInputSchema,
} from "../contracts/feedback.ts";
import { readPassages } from "../core/artifacts/passages.ts";
import { sha256 } from "../core/base/canonical.ts";
import { WinnowError } from "../core/base/errors.ts";
import { parseInput } from "../core/base/parseInput.ts";
import { questionDigest } from "../core/records/answers.ts";
import { type ListedVotes, unknownVote, type VoteFilter, Votes } from "../core/records/votes.ts";
import { isOutage } from "../core/storage/storage.ts";
import { type RecordPlaces, readAnswer } from "./records.ts";
import { storageOf } from "./storageOf.ts";

const CLOCKS_MS = 3600_000;

/**
 * Records a vote on an answer, or on one of its candidates. It is quarantined: nothing uses it until a person accepts
 * it. Throws BadInput for a passage that is no candidate, and for too long a comment; StorageFailed, StoreUnavailable.
 *
 * @param stored the answer with an id; "running" for one that is not made yet, null for an unknown id
 * @param questionOf finds the text of an answer's question, whose digest is kept where no record has it
 */
export async function addVote(
  places: RecordPlaces,
  input: VoteInput,
  stored: (id: string) => Promise<IdentifiedAnswer | "running" | null>,
  questionOf: (id: string) => Promise<string | null> = async () => null,
): Promise<Vote> {
  const { answer: id, vote, passage = null, comment, voter = null } = parseInput(voteInputSchema, input);
  const answer = await stored(id);
  if (answer === null) throw new WinnowError("UnknownAnswer", `there is no answer ${id}, or it is not kept any more`);
  if (answer === "running") throw new WinnowError("BadInput", `answer: ${id} is not answered yet`);
  const { receipt, kind } = answer;
  const candidate = receipt.candidates.find((each) => each.id === passage);
  if (passage !== null && !candidate)
    throw new WinnowError("BadInput", `passage: ${passage} is no candidate of ${id}: its receipt lists them`);
  return (await votesOf(places)).add({
    ...{ at: new Date().toISOString(), answer: id, vote, passage, comment: comment || null, voter },
    place: candidate ? { page: candidate.page, heading: candidate.heading, url: candidate.url } : null,
    ...{ corpus: receipt.corpus, release: receipt.release, kind },
    cited: citedPassages(answer),
    questionDigest: await digestOf(places, id, questionOf),
  });
}

/** The digest of an answer's question; null if neither its record nor its text can be read. */
async function digestOf(places: RecordPlaces, id: string, questionOf: (id: string) => Promise<string | null>) {
  const record = await readAnswer(places, id).catch(() => null);
  if (record) return record.questionDigest;
  const question = await questionOf(id);
  return question === null ? null : questionDigest(question);
}

/** Votes on an answer, oldest first. */
export async function votesOn(places: RecordPlaces, answer: string): Promise<ReviewedVote[]> {
  const record = await readAnswer(places, answer).catch(() => null);
  // Clocks of machines differ a little.
  const since = record ? new Date(Date.parse(record.at) - CLOCKS_MS).toISOString() : undefined;
  return (await votesOf(places)).on(answer, since);
}

/** Votes, newest first. Throws StorageFailed, StoreUnavailable. */
export async function listVotes(places: RecordPlaces, filter: VoteFilter = {}): Promise<ListedVotes> {
  return (await votesOf(places)).list(filter);
}

export interface DecideOptions {
  by: string;
  reason?: string;
  /** Decides a vote that is decided already. */
  again?: boolean;
  /** Text of the question, where no store keeps it. */
  question?: string;
  /** Finds the text of an answer's question; null if nobody keeps it. */
  questionOf(answer: string): Promise<string | null>;
  /** Finds passages of a release. Default: reads them from its artifacts. */
  passagesOf?(release: string, ids: readonly string[]): Promise<VotedPassage[]>;
}

/**
 * Accepts or rejects a vote. An accepted one keeps the question's text and the digests of its passages' texts, which the
 * next training uses. Throws BadInput for an unknown vote, for one whose question's text nobody keeps, and for a text that
 * is not that question, and for a passage that is gone; AlreadyDecided for a vote that somebody has decided;
 * UnknownRelease, CorruptArtifact if neither the docs of the vote's release nor those that serve can be read.
 *
 * @example
 * await decideVote(config, id, "accept", { by: "ada", questionOf: (answer) => keptQuestion(client, answer) });
 */
export async function decideVote(
  places: RecordPlaces,
  id: string,
  verdict: Verdict,
  { by, reason, again, question: given, questionOf, passagesOf }: DecideOptions,
): Promise<ReviewedVote> {
  const votes = await votesOf(places);
  const vote = await votes.read(id);
  if (vote === null) throw unknownVote(id);
  const question = verdict === "accept" ? await questionFor(vote, given?.trim(), questionOf) : null;
  const labelled = verdict === "accept" ? labelledPassages(vote) : [];
  const read = passagesOf ?? readPassagesOf(places, vote.corpus);
  const passages = labelled.length > 0 ? await read(vote.release, labelled) : [];
  const missing = labelled.filter((each) => !passages.some(({ id }) => id === each));
  if (missing.length > 0)
    throw new WinnowError("BadInput", `${id}: the docs of release ${vote.release} do not hold ${missing.join(", ")}`);
  const decision: Decision = {
    ...{ vote: id, verdict, at: new Date().toISOString(), by, reason: reason ?? null, question, passages },
  };
  await votes.decide(decision, { again });
  return { ...vote, state: verdict === "accept" ? "accepted" : "rejected", decision };
}

/** Passages that a vote says something about: none for a down-vote on a whole answer, which does not say which is bad. */
function labelledPassages({ passage, vote, cited }: Vote): string[] {
  if (passage !== null) return [passage];
  return vote === "up" ? cited : [];
}

/** Passages of a release; of the one that serves the corpus, if its docs have been removed by `winnow gc`. */
function readPassagesOf(places: RecordPlaces, corpus: string): NonNullable<DecideOptions["passagesOf"]> {
  return async (release, ids) => {
    const { store, releases } = await storageOf(places);
    const docsOf = async (id: string) => store.resolve((await releases.read(id)).manifest.ingest);
    const dir = await docsOf(release).catch(async (error) => {
      const champion = isOutage(error) ? null : await releases.champion(corpus);
      if (champion === null) throw error;
      return docsOf(champion.release);
    });
    const passages = (await readPassages(dir)).filter(({ id }) => ids.includes(id));
    return passages.map(({ id, page, text }) => ({ id, page, textDigest: sha256(text) }));
  };
}

/** The question of a vote that is to be accepted, checked against what is known of it. */
async function questionFor(
  vote: Vote,
  given: string | undefined,
  questionOf: DecideOptions["questionOf"],
): Promise<string> {
  const known = given === undefined || vote.questionDigest === null ? await questionOf(vote.answer) : null;
  const question = given ?? known;
  requireQuestion(vote, question, vote.questionDigest ?? (known === null ? null : questionDigest(known)));
  return question!;
}

function requireQuestion(vote: Vote, question: string | null, digest: string | null): void {
  if (!question)
    throw new WinnowError(
      "BadInput",
      `the question of ${vote.id} is not kept, and training needs its text: give it by --question, or set WINNOW_KEEP_QUESTIONS for later ones`,
    );
  if (digest !== null && questionDigest(question) !== digest)
    throw new WinnowError("BadInput", `--question: this is not the question that ${vote.id} was given on`);
}

/** Candidates that the answer cites, by the page and heading of each citation. */
function citedPassages({ citations, receipt }: IdentifiedAnswer): string[] {
  const place = (page: string, heading: readonly string[]) => JSON.stringify([page, heading]);
  const cited = new Set(citations.map(({ page, heading }) => place(page, heading)));
  return receipt.candidates
    .filter(({ page, heading, dropped }) => dropped === null && cited.has(place(page, heading)))
    .map(({ id }) => id);
}

async function votesOf(places: RecordPlaces): Promise<Votes> {
  const { records } = await storageOf(places);
  return new Votes(records, places.payloadKeys);
}
