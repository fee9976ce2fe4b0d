import { randomBytes } from "node:crypto";
import type { Decision, ReviewedVote, Vote } from "../../contracts/feedback.ts";
import { sha256 } from "../base/canonical.ts";
import { WinnowError } from "../base/errors.ts";
import { inBatches } from "../base/inBatches.ts";
import type { PayloadKeys } from "../base/payloadKeys.ts";
import type { Records } from "../storage/records.ts";
import { DayRecords, dayOf } from "./dayRecords.ts";

export const VOTES = "votes";
export const DECISIONS = "decisions";

/** What to do about votes that cannot be read. */
export const REMEDY =
  "set WINNOW_PAYLOAD_KEYS with the key that they were written under; `winnow fsck` names their files";

const VOTE_ID = /^vote-(\d{4})(\d\d)(\d\d)-([0-9a-f]{8})[0-9a-f]{10}$/;

export interface VoteFilter {
  corpus?: string;
  states?: readonly ReviewedVote["state"][];
  /** ISO time: only later votes. */
  since?: string;
}

/** Votes, newest first. */
export interface ListedVotes {
  votes: ReviewedVote[];
  /** Votes that cannot be read, or whose decision cannot: damaged, or encrypted with a key that is not set here. */
  hidden: number;
  /** Those of them with a decision, which may have accepted them. */
  hiddenDecided: number;
}

/**
 * Votes and decisions on them, which are never changed, except that a rejection takes the question's text from earlier
 * decisions: `votes/2026-11-30/<id>.json`, and
 * `decisions/2026-11-30/<id>.1.json` in the folder of the vote's day.
 */
export class Votes {
  private readonly votes: DayRecords<Vote>;
  private readonly decisions: DayRecords<Decision>;

  constructor(records: Records, keys: PayloadKeys | null) {
    this.votes = new DayRecords(records, keys, VOTES);
    this.decisions = new DayRecords(records, keys, DECISIONS);
  }

  async add(vote: Omit<Vote, "id">): Promise<Vote> {
    const day = dayOf(vote.at);
    const added = { id: voteId(day, vote.answer), ...vote };
    if (await this.votes.create(day, added.id, added)) return added;
    throw new WinnowError("StoreUnavailable", "The vote was not recorded: its id is taken. Vote again.");
  }

  /** Null if there is no such vote. Throws BadInput for one that cannot be read here. */
  async read(id: string): Promise<ReviewedVote | null> {
    const day = dayOfVote(id);
    if (day === null) return null;
    const { found, hidden } = await this.readDay(day, (vote) => vote === id);
    if (hidden > 0) throw new WinnowError("BadInput", `${id} or the decision on it cannot be read here: ${REMEDY}`);
    return found[0] ?? null;
  }

  /** All readable votes on an answer, oldest first. @param since ISO time of the answer, which all votes on it are after */
  async on(answer: string, since = ""): Promise<ReviewedVote[]> {
    const days = (await this.votes.days()).filter((day) => day >= dayOf(since));
    const isOn = (vote: string) => VOTE_ID.exec(vote)?.[4] === mark(answer);
    const found = (await inBatches(days, (day) => this.readDay(day, isOn))).flatMap((read) => read.found);
    return withSuperseded(found.filter((vote) => vote.answer === answer));
  }

  /** Reads all votes, and returns those of the filter. */
  async list({ corpus, states, since = "" }: VoteFilter = {}): Promise<ListedVotes> {
    const all: ReviewedVote[] = [];
    let hidden = 0;
    let hiddenDecided = 0;
    for (const day of (await this.votes.days()).filter((each) => each >= dayOf(since))) {
      const read = await this.readDay(day);
      all.push(...read.found);
      hidden += read.hidden;
      hiddenDecided += read.hiddenDecided;
    }
    const wanted = withSuperseded(all).filter(
      (vote) =>
        vote.at > since && (corpus === undefined || vote.corpus === corpus) && (states?.includes(vote.state) ?? true),
    );
    return { votes: wanted.reverse(), hidden, hiddenDecided };
  }

  /**
   * Records a decision. Throws AlreadyDecided, which names the earlier decision, unless `again` allows another one. Of
   * two who decide at once, one is told so. A rejection removes the question's text from earlier decisions.
   */
  async decide(decision: Decision, { again = false } = {}): Promise<void> {
    const day = dayOfVote(decision.vote);
    if (day === null) throw unknownVote(decision.vote);
    const last = lastDecisions(await this.decisions.names(day)).get(decision.vote) ?? null;
    if (last !== null && !again) throw alreadyDecided(await this.decisions.read(day, last), decision.vote);
    const name = `${decision.vote}.${last === null ? 1 : numberOf(last) + 1}`;
    if (!(await this.decisions.create(day, name, decision)))
      throw alreadyDecided(await this.decisions.read(day, name), decision.vote);
    if (decision.verdict === "reject") await this.forgetQuestion(day, decision.vote, name);
  }

  /** Removes the question's text from the decisions before `last`. One that cannot be read stays as it is. */
  private async forgetQuestion(day: string, vote: string, last: string): Promise<void> {
    const earlier = (await this.decisions.names(day)).filter((name) => votedBy(name) === vote && name !== last);
    for (const { name, value } of (await this.decisions.readDay(day, earlier)).found)
      if (value.question !== null && numberOf(name) < numberOf(last))
        await this.decisions.replace(day, name, { ...value, question: null });
  }

  /**
   * Votes of a day with the last decision on each, in no order. A vote whose decision cannot be read is hidden: it would
   * pass for undecided. `pick` chooses by the vote's id.
   */
  async readDay(
    day: string,
    pick: (vote: string) => boolean = () => true,
  ): Promise<{ found: ReviewedVote[]; hidden: number; hiddenDecided: number }> {
    const names = (await this.votes.names(day)).filter(pick);
    const decisions = names.length > 0 ? await this.decisions.names(day) : [];
    const last = lastDecisions(decisions.filter((name) => pick(votedBy(name))));
    const [read, decided] = [
      await this.votes.readDay(day, names),
      await this.decisions.readDay(
        day,
        names.flatMap((vote) => last.get(vote) ?? []),
      ),
    ];
    const texts = new Map(decided.found.map(({ name, value }) => [name, value]));
    const found = read.found.flatMap(({ name, value }) => {
      const decision = last.get(name);
      if (decision === undefined) return [reviewed(value, null)];
      const known = texts.get(decision);
      return known ? [reviewed(value, known)] : [];
    });
    const hidden = [...read.unreadable, ...decided.unreadable.map(votedBy)];
    return {
      found,
      hidden: new Set(hidden).size,
      hiddenDecided: new Set(hidden.filter((vote) => last.has(vote))).size,
    };
  }

  /**
   * Names of a day's decisions in the order in which they may be removed: the last one holds, so it goes last.
   */
  async decisionNames(day: string): Promise<string[]> {
    return (await this.decisions.names(day)).sort((a, b) => numberOf(a) - numberOf(b));
  }

  /** Days with decisions, newest first. */
  async decisionDays(): Promise<string[]> {
    return this.decisions.days();
  }
}

/** The UTC day of a vote, from its id; null for what is no id of a vote. */
function dayOfVote(id: string): string | null {
  const [, year, month, day] = VOTE_ID.exec(id) ?? [];
  return year === undefined ? null : `${year}-${month}-${day}`;
}

export function unknownVote(id: string): WinnowError {
  return new WinnowError("BadInput", `there is no vote ${id}: \`winnow feedback list\` shows the ids`);
}

/** The vote with its last decision. */
function reviewed(vote: Vote, decision: Decision | null): ReviewedVote {
  const state = decision === null ? "undecided" : decision.verdict === "accept" ? "accepted" : "rejected";
  return { ...vote, state, decision };
}

/** Oldest first, with the state of those that the same voter has replaced. A decision on them stays. */
function withSuperseded(votes: readonly ReviewedVote[]): ReviewedVote[] {
  const latest = new Map<string, ReviewedVote>();
  const ordered = [...votes].sort((a, b) => (a.at < b.at ? -1 : 1));
  const thing = (vote: Vote) => JSON.stringify([vote.answer, vote.passage, vote.voter]);
  for (const vote of ordered) if (vote.voter !== null) latest.set(thing(vote), vote);
  const isReplaced = (vote: ReviewedVote) => vote.voter !== null && latest.get(thing(vote)) !== vote;
  return ordered.map((vote) =>
    vote.state === "undecided" && isReplaced(vote) ? { ...vote, state: "superseded" } : vote,
  );
}

/** The name of the last decision on each vote. */
function lastDecisions(names: readonly string[]): Map<string, string> {
  const last = new Map<string, string>();
  for (const name of names) {
    const vote = votedBy(name);
    const known = last.get(vote);
    if (known === undefined || numberOf(name) > numberOf(known)) last.set(vote, name);
  }
  return last;
}

/** The vote that a decision is on, from the name of its file. */
export function votedBy(name: string): string {
  return name.split(".")[0]!;
}

function numberOf(name: string): number {
  return Number(name.split(".").at(-1));
}

function alreadyDecided(decision: Decision | null, vote: string): WinnowError {
  const how = decision === null ? "decided" : decision.verdict === "accept" ? "accepted" : "rejected";
  const who = decision === null ? "" : ` by ${decision.by} at ${decision.at}`;
  return new WinnowError("AlreadyDecided", `${vote} was ${how}${who}; --again decides it anew`);
}

/** An id that names the day and, by a mark, the answer: both are found without reading a vote. */
function voteId(day: string, answer: string): string {
  return `vote-${day.replaceAll("-", "")}-${mark(answer)}${randomBytes(5).toString("hex")}`;
}

function mark(answer: string): string {
  return sha256(answer).slice(0, 8);
}
