import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { CORPUS_NAME } from "../../contracts/names.ts";
import { formatProblem } from "../base/storedFormat.ts";

/** Parts of every release, and those of a measured one. */
const PARTS = ["embedder", "ingest", "buildIndex"] as const;
const MEASURED = ["untrained", "evaluate"] as const;
/** What a release lacks that serves before it is measured. */
const LACKING = ["train", "untrained", "evaluate", "reranker", "training"] as const;

/** What is wrong with the content of a `release.json`, in words that follow its path; null for a sound one. */
export function releaseProblem(value: unknown): string | null {
  const newer = formatProblem(value);
  if (newer !== null) return newer;
  if (!isObject(value) || value.schema === undefined) return "is not a release";
  if (typeof value.corpus !== "string" || !CORPUS_NAME.test(value.corpus)) return "names no corpus";
  if (typeof value.createdAt !== "string" || Number.isNaN(Date.parse(value.createdAt))) return "has no valid time";
  if (value.ranking !== "reranked" && value.ranking !== "retrieval") return "has no ranking";
  const part = PARTS.find((name) => !isRef(value[name]));
  if (part) return `has no valid reference "${part}"`;
  if (!Array.isArray(value.embed) || value.embed.length === 0 || !value.embed.every(isRef))
    return 'has no valid references "embed"';
  const missing = ["source", "gate"].find((name) => !isObject(value[name]));
  if (missing) return `lacks "${missing}"`;
  return value.evaluation === null ? unmeasuredProblem(value) : measuredProblem(value);
}

function unmeasuredProblem(value: Record<string, unknown>): string | null {
  if (!isRef(value.calibration)) return 'has no valid reference "calibration"';
  if (value.ranking !== "retrieval") return "is reranked, but not measured";
  const planted = LACKING.find((name) => value[name] !== null);
  return planted ? `is not measured, but has "${planted}"` : null;
}

function measuredProblem(value: Record<string, unknown>): string | null {
  const { train, reranker } = value;
  const part = MEASURED.find((name) => !isRef(value[name])) ?? (train === null || isRef(train) ? null : "train");
  if (part) return `has no valid reference "${part}"`;
  if (!isObject(reranker) || !isRef(reranker.ref)) return 'has no valid reference "reranker"';
  if (reranker.role !== "tuned" && reranker.role !== "untrained") return "has no role of its reranker";
  if (reranker.role === "tuned" && train === null) return "has no tuned reranker to serve";
  const missing = ["training", "evaluation"].find((name) => !isObject(value[name]));
  return missing ? `lacks "${missing}"` : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRef(value: unknown): value is ArtifactRef {
  if (!isObject(value)) return false;
  const { uri, sha256, bytes } = value;
  const named =
    typeof sha256 === "string" && typeof uri === "string" && /^winnow:[a-z][a-z-]*\/[0-9a-f]{64}$/.test(uri);
  return named && uri.endsWith(`/${sha256}`) && Number.isSafeInteger(bytes) && Number(bytes) >= 0;
}
