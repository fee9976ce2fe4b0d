import { mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactRef } from "../../../contracts/artifacts.ts";
import type { MeasuredManifest } from "../../../contracts/release.ts";
import { passageInput } from "../../docs/passageText.ts";
import { EmbeddingCache, embeddingKey } from "../../retrieval/embeddingCache.ts";
import type { Storage } from "../../storage/openStorage.ts";
import { folderRecords } from "../../storage/records.ts";
import { openReleases, type Release } from "../../storage/releases.ts";
import { openStepCache } from "../../storage/stepCache.ts";
import { openStore } from "../../storage/store.ts";

const MODEL = "m".repeat(64);
const how = { reranker: "tuned", calibration: "out-of-fold", int8: null } as const;
const abstention = {
  ...{ aurocNear: null, aurocOffTopic: null, ece: null, brierSkill: null },
  ...{ falseAnswerRate: null, falseRefusalRate: null, wrongEvidenceRate: null, unsure: null, n: 0 },
};

/** A measured release with a tuned reranker. */
export type TunedRelease = Release & { manifest: MeasuredManifest & { train: ArtifactRef } };

/**
 * A state folder, or other storage, with any number of releases, each with its own artifacts, step records and cached
 * vectors.
 */
export function stateFolder(home = mkdtempSync(join(tmpdir(), "winnow-home-")), storage = folderStorage(home)) {
  const { store, releases, steps } = storage;
  const cache = new EmbeddingCache(join(home, "embeddings", MODEL), 1);

  const artifact = async (stage: string, files: Record<string, string>): Promise<ArtifactRef> => {
    const draft = await store.draft(stage);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(draft, name), text);
    return store.commit(draft, stage);
  };

  /** One run's release of a corpus, `n` days after the first. */
  const release = async (n: number, corpus = "k8s"): Promise<TunedRelease> => {
    const passage = { heading: ["Jobs"], text: `${corpus}, day ${n}` };
    const page = { page: "jobs.md", digest: `${corpus} ${n}` };
    const lines = (value: object) => `${JSON.stringify(value)}\n`;
    const ingest = await artifact("ingest", { "passages.jsonl": lines(passage), "pages.jsonl": lines(page) });
    const embed = await artifact("embed", { "meta.json": JSON.stringify({ modelDigest: MODEL, n, corpus }) });
    await cache.append([embeddingKey(passageInput(passage))], Float32Array.from([n]));
    const rest = {
      ...{ embedder: "model", buildIndex: "build-index", train: "train" },
      ...{ untrained: "untrained", evaluate: "evaluate" },
    } as const;
    const refs: Record<string, ArtifactRef> = {};
    for (const [name, stage] of Object.entries(rest))
      refs[name] = await artifact(stage, { part: `${stage} ${corpus} ${n}` });
    const parts = { stage: "train", inputs: { data: `${n}` }, options: {}, code: "c" };
    await steps.record(corpus, parts, { ref: refs.train });
    const made = refs as Record<keyof typeof rest, ArtifactRef>;
    const manifest = {
      schema: 1,
      corpus,
      createdAt: new Date(Date.UTC(2026, 0, n)).toISOString(),
      source: { path: "/docs", digest: `${n}`, pages: 1, passages: 1 },
      ranking: "retrieval",
      ...{ ...made, ingest, embed: [embed] },
      reranker: { role: "tuned", ref: made.train },
      training: { at: "2026-01-01T00:00:00.000Z", ingest, basis: {} },
      gate: { promoted: true, ranking: "retrieval", reason: "better", criteria: [] },
      evaluation: { questions: 0, stale: 0, source: "judged", ladder: [], paired: [], abstention, ...how },
    } satisfies MeasuredManifest;
    return { ...(await releases.commit(manifest)), manifest };
  };
  /** Makes a release the champion. */
  const promote = async (made: Release) => {
    const { corpus } = made.manifest;
    const expected = (await releases.champion(corpus))?.release ?? null;
    return releases.promote(made, { expected, by: "test", reason: "better" });
  };
  return { home, store, releases, steps, artifact, release, promote };
}

function folderStorage(home: string): Storage {
  const store = openStore(home);
  const records = folderRecords(home);
  return { store, releases: openReleases(home, store), steps: openStepCache(records), records };
}

/** Makes a file or folder look unused for some days. */
export function age(path: string, days = 30): void {
  const then = new Date(Date.now() - days * 24 * 3600_000);
  utimesSync(path, then, then);
}
