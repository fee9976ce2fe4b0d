import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { ReleaseManifest } from "../contracts/release.ts";
import { type Release, servedNdcg } from "../core/storage/releases.ts";

/** Differences between two releases; a part is the same when its digests are. */
export interface ReleaseComparison {
  a: ComparedRelease;
  b: ComparedRelease;
  parts: { name: string; same: boolean; a: string[]; b: string[] }[];
  /** nDCG@10 by row of the ladder, each on the corpus and questions of its own release. */
  ladder: { name: string; a: number | null; b: number | null }[];
}

export interface ComparedRelease {
  id: string;
  corpus: string;
  createdAt: string;
  ranking: string;
  source: ReleaseManifest["source"];
  /** Names with digests, as in the manifest; null in a release from before models had names. */
  models: ReleaseManifest["models"] | null;
  /** Null if the release is not measured, as are the figures. */
  questions: number | null;
  ndcg: number | null;
  falseAnswerRate: number | null;
  falseRefusalRate: number | null;
}

/** Compares two releases by their manifests. */
export function compareReleases(a: Release, b: Release): ReleaseComparison {
  const [left, right] = [partsOf(a.manifest), partsOf(b.manifest)];
  const parts = left.map(({ name, digests }, at) => {
    const others = right[at]!.digests;
    return { name, same: digests.join() === others.join(), a: digests, b: others };
  });
  const ndcg = ({ manifest }: Release, name: string) =>
    manifest.evaluation?.ladder.find((row) => row.name === name)?.metrics["ndcg@10"].value ?? null;
  const names = new Set([a, b].flatMap(({ manifest }) => manifest.evaluation?.ladder.map((row) => row.name) ?? []));
  const ladder = [...names].map((name) => ({ name, a: ndcg(a, name), b: ndcg(b, name) }));
  return { a: comparedRelease(a), b: comparedRelease(b), parts, ladder };
}

function comparedRelease({ id, manifest }: Release): ComparedRelease {
  const { corpus, createdAt, ranking, source, models = null, evaluation } = manifest;
  const abstention = evaluation?.abstention;
  const { falseAnswerRate = null, falseRefusalRate = null } = abstention?.unsure ?? abstention ?? {};
  return {
    id,
    corpus,
    createdAt,
    ranking,
    source,
    models,
    questions: evaluation?.questions ?? null,
    ndcg: servedNdcg(manifest),
    falseAnswerRate,
    falseRefusalRate,
  };
}

/** The artifacts of a release by name, with the bytes of each. A part that the release lacks has no digest. */
export function partsOf(manifest: ReleaseManifest): { name: string; digests: string[]; bytes: number }[] {
  const { embedder, ingest, embed, buildIndex, train, untrained, evaluate, calibration = null } = manifest;
  const named = {
    ...{ embedder: [embedder], ingest: [ingest], embed, "build-index": [buildIndex] },
    ...{ train: found(train), untrained: found(untrained), evaluate: found(evaluate ?? calibration) },
  };
  return Object.entries(named).map(([name, refs]) => ({
    name,
    digests: refs.map(({ sha256 }) => sha256),
    bytes: refs.reduce((sum, ref) => sum + ref.bytes, 0),
  }));
}

function found(ref: ArtifactRef | null): ArtifactRef[] {
  return ref === null ? [] : [ref];
}
