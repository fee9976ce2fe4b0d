import type { Client } from "@temporalio/client";
import { approvalId } from "../contracts/names.ts";
import type { ApprovalResult, ChampionResult } from "../contracts/release.ts";
import { type ErrorCode, WinnowError } from "../core/base/errors.ts";
import type { Promotion } from "../core/storage/releases.ts";
import { decide } from "./approval.ts";
import { promote, rollback } from "./champion.ts";
import { fact } from "./facts.ts";
import { asWinnowError, rootCause } from "./outcome.ts";
import type { Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** Patience with an approval that somebody else has just given: each byte of the release is read. */
const CARRIED_OUT_MS = 10_000;
/** Patience with a person's own decision. */
const PATIENCE_MS = 45_000;
/** A promotion or a return that no worker carries out within this time never happens. */
export const EXPIRES_MS = 15 * 60_000;

export const ACTIONS = ["promote", "rollback", "approve", "reject"] as const;
export type Action = (typeof ACTIONS)[number];

/** A person's decision on a release. */
export interface Decision {
  action: Action;
  /** The release to promote, to return to, or that waits for approval. */
  release: string;
  by: string;
  reason: string;
  /** Champion that the person saw; null if none served. If another one serves now, nothing changes. */
  expected: string | null;
}

/** The outcome of a decision. */
export interface Decided {
  action: Action;
  corpus: string;
  release: string;
  /**
   * False if the release served already: somebody else made it the champion meanwhile. Null if the decision was given
   * and is not carried out yet: no worker runs, or each byte of a large release is being read.
   */
  changed: boolean | null;
  /** Who made the last change of champion; null if the ledger has none. */
  last: Promotion | null;
}

/**
 * Carries out a person's decision by its workflow. Throws PromotionConflict, in words that name who decided what
 * meanwhile, if another champion serves than the person saw or the candidate was decided; UnknownRelease,
 * CorruptArtifact, TemporalUnreachable.
 *
 * @example
 * await carryOut(client, places, { action: "promote", release, by: "dana", reason: "read the report", expected });
 */
export async function carryOut(
  client: Client,
  places: Places,
  decision: Decision,
  { patienceMs = PATIENCE_MS } = {},
): Promise<Decided> {
  const { releases } = await storageOf(places);
  const { action } = decision;
  const { id: release, manifest } = await releases.read(decision.release);
  const { corpus } = manifest;
  const changes = () => releases.ledger(corpus);
  try {
    const { length } = await changes();
    if (decision.expected === null && length > 0) throw new WinnowError("PromotionConflict", "a champion serves");
    const isDone = await within(client, patienceMs, () => act(client, corpus, { ...decision, release }));
    const since = await changes();
    if (!isDone) return { action, corpus, release, changed: null, last: since.at(-1) ?? null };
    // Two may choose the same release at once: both workflows end well, and one of them has changed something.
    const changed = action === "reject" || since.slice(length).some((entry) => isOf(entry, decision));
    return { action, corpus, release, changed, last: since.at(-1) ?? null };
  } catch (error) {
    throw await explained(error, client, { action, corpus, release, last: (await changes()).at(-1) ?? null });
  }
}

/** False if the work has not ended in time. */
async function within(client: Client, ms: number, work: () => Promise<unknown>): Promise<boolean> {
  const late = AbortSignal.timeout(ms);
  try {
    await client.withAbortSignal(late, work);
    return true;
  } catch (error) {
    if (!late.aborted) throw error;
    return false;
  }
}

function isOf({ by, reason }: Promotion, decision: Decision): boolean {
  return by === decision.by.trim() && reason === decision.reason.trim();
}

function act(client: Client, corpus: string, decision: Decision): Promise<ChampionResult | ApprovalResult> {
  const { action, release, by, reason, expected } = decision;
  const change = { by, reason, expected, withinMs: EXPIRES_MS };
  if (action === "promote") return promote(client, release, change);
  if (action === "rollback") return rollback(client, { corpus, to: release, ...change });
  return decide(client, action, { by, reason, release }, { corpus });
}

interface Attempt {
  action: Action;
  corpus: string;
  release: string;
  last: Promotion | null;
}

/** The error in words for the person who decided second. */
async function explained(thrown: unknown, client: Client, attempt: Attempt): Promise<unknown> {
  const { action, corpus, last } = attempt;
  const error = asWinnowError(thrown);
  const code: ErrorCode | null = error instanceof WinnowError ? error.code : null;
  if (action === "approve" || action === "reject") {
    const words = code === "BadInput" || isNotPromoted(error) ? await decidedBefore(client, attempt, error) : null;
    return words === null ? error : new WinnowError("PromotionConflict", words, { cause: error });
  }
  if (code !== "PromotionConflict") return error;
  const now = last === null ? `No release of ${corpus} serves now.` : changeInWords(last);
  return new WinnowError(
    "PromotionConflict",
    `Nothing was changed, because the champion of ${corpus} is not the one that you saw. ${now} Look at it and decide again.`,
    { cause: error },
  );
}

/** Approval that could not be carried out: the champion had changed, or a file is damaged. */
function isNotPromoted(error: unknown): boolean {
  return (rootCause(error) as { type?: unknown } | null)?.type === "NotPromoted";
}

/** Who decided on the candidate; null if this is not about a decision. */
async function decidedBefore(
  client: Client,
  { corpus, release, last }: Attempt,
  error: unknown,
): Promise<string | null> {
  const serving = last === null ? "" : ` ${changeInWords(last)}`;
  if (isNotPromoted(error)) return `The approval could not be carried out: ${(error as Error).message}.${serving}`;
  const waiting = await stillWaiting(client, corpus);
  if (waiting !== null && waiting !== release)
    return `Nothing was changed: release ${waiting} is the newer candidate, and release ${release} does not wait any more.${serving}`;
  const before = await approvalResult(client, corpus);
  if (before === null || before.release !== release) return null;
  const who = before.by === null ? "" : ` by ${before.by}`;
  return `Nothing was changed: release ${release} was ${before.outcome}${who} already, because: ${before.reason}.${serving}`;
}

/** The release of a corpus that waits for a person, or whose approval is being carried out; null if none does. */
async function stillWaiting(client: Client, corpus: string): Promise<string | null> {
  const info = await client.workflow
    .getHandle(approvalId(corpus))
    .describe()
    .catch(() => null);
  return info?.status.name === "RUNNING" ? fact(info, "release") : null;
}

/** The outcome of the last approval of a corpus; null if it is open, or is not known any more. */
async function approvalResult(client: Client, corpus: string): Promise<ApprovalResult | null> {
  const handle = client.workflow.getHandle(approvalId(corpus));
  // An approval that was just given is still being carried out.
  const late = Date.now() + CARRIED_OUT_MS;
  return client.withDeadline(late, () => handle.result() as Promise<ApprovalResult>).catch(() => null);
}

/** A line of the ledger as a sentence. */
export function changeInWords({ by, at, kind, release, reason }: Promotion): string {
  const what = kind === "rollback" ? `went back to release ${release}` : `made release ${release} the champion`;
  return `${by} ${what} at ${at.slice(0, 16).replace("T", " ")} UTC, because: ${reason.replace(/\.$/, "")}.`;
}
