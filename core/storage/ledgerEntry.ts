import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { CORPUS_NAME, CORPUS_NAME_IN_WORDS } from "../../contracts/names.ts";
import { WinnowError } from "../base/errors.ts";
import { formatProblem } from "../base/storedFormat.ts";

/** Number of hexadecimal digits of a release's id, which is the start of its digest. */
export const ID_LENGTH = 12;

/** Throws BadInput unless the text is a name of a corpus: it becomes part of paths. */
export function checkCorpus(corpus: string): void {
  if (CORPUS_NAME.test(corpus)) return;
  const shown = JSON.stringify(corpus.length > 80 ? `${corpus.slice(0, 80)}...` : corpus);
  throw new WinnowError("BadInput", `corpus: ${shown} is no name of a corpus: ${CORPUS_NAME_IN_WORDS}`);
}

/** What is wrong with an entry of a corpus's ledger, in words that follow its path; null for a sound one. */
export function entryProblem(value: unknown, corpus: string): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is not a ledger entry";
  const newer = formatProblem(value);
  if (newer !== null) return newer;
  const entry = value as Record<string, unknown>;
  if (typeof entry.release !== "string" || !isRef(entry.ref)) return "is not a ledger entry";
  if (typeof entry.at !== "string" || Number.isNaN(Date.parse(entry.at))) return "has no valid time";
  if (entry.corpus !== corpus) return `is an entry of corpus ${shown(entry.corpus)}`;
  if (entry.ref.sha256.slice(0, ID_LENGTH) !== entry.release)
    return `names release ${shown(entry.release)}, but the artifact of release ${entry.ref.sha256.slice(0, ID_LENGTH)}`;
  if (entry.replaced !== null && typeof entry.replaced !== "string") return "does not say which release it replaced";
  if (entry.kind !== undefined && entry.kind !== "promotion" && entry.kind !== "rollback")
    return "is neither a promotion nor a rollback";
  const texts = [entry.by, entry.reason].every((text) => typeof text === "string");
  return texts ? null : "does not say who decided and why";
}

/** True for a reference to a release's artifact. */
function isRef(value: unknown): value is ArtifactRef {
  if (typeof value !== "object" || value === null) return false;
  const { uri, sha256 } = value as Record<string, unknown>;
  return typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256) && uri === `winnow:deploy/${sha256}`;
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? "none";
}
