import { type ChampionResult, promoteInputSchema, rollbackInputSchema } from "../contracts/release.ts";
import { WinnowError } from "../core/base/errors.ts";
import { parseInput } from "../core/base/parseInput.ts";
import { championStack } from "../core/storage/ledger.ts";
import { artifactsOf } from "../core/storage/releaseFolders.ts";
import type { Release, Releases } from "../core/storage/releases.ts";
import type { ArtifactStore } from "../core/storage/store.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { isSearchable, type TemporalFacts } from "./light.ts";

/** A requested change of champion, validated and complete. */
export interface ChampionPlan extends Pick<ChampionResult, "corpus" | "release" | "kind" | "reason"> {
  /** Current champion; the change applies only while it serves. */
  expected: string | null;
  by: string | null;
  /** True if the server has Winnow's search attributes. */
  searchable: boolean;
}

export interface ChampionDeps {
  releases: Releases;
  store: ArtifactStore;
  temporal: Pick<TemporalFacts, "searchAttributes">;
}

export function createChampionActivities({ releases, store, temporal }: ChampionDeps) {
  const searchable = () => isSearchable(temporal);
  return {
    /** A person's promotion, which overrides the gate. */
    async planPromotion(raw: unknown): Promise<ChampionPlan> {
      const { release, expected, by = null, reason = "promoted by hand" } = parseInput(promoteInputSchema, raw);
      const { id, manifest } = await releases.read(release);
      const champion = await expectedChampion(releases, manifest.corpus, expected);
      const { corpus } = manifest;
      return { corpus, release: id, kind: "promotion", expected: champion, by, reason, searchable: await searchable() };
    },

    /** Goes back to the previous champion, or to a named release that served earlier. */
    async planRollback(raw: unknown): Promise<ChampionPlan> {
      const { to, by = null, reason = "rolled back by hand", ...input } = parseInput(rollbackInputSchema, raw);
      const corpus = input.corpus ?? (await onlyCorpus(releases));
      const champion = await expectedChampion(releases, corpus, input.expected);
      const release = await rollbackTarget(releases, corpus, to);
      return { corpus, release, kind: "rollback", expected: champion, by, reason, searchable: await searchable() };
    },

    /**
     * Reads and checks every byte of a release's artifacts. Throws CorruptArtifact, or UnknownRelease for a retired
     * release.
     */
    async verifyRelease(id: string): Promise<void> {
      await withHeartbeat("deploy", async () => {
        const { manifest, ref } = await releases.read(id);
        if (await releases.isRetired(id))
          throw new WinnowError(
            "UnknownRelease",
            `The artifacts of release ${id} were removed by \`winnow gc\`: it cannot serve again.`,
          );
        for (const part of [ref, ...artifactsOf(manifest)]) await store.verify(part);
      });
    },
  };
}

async function expectedChampion(releases: Releases, corpus: string, expected?: string | null): Promise<string | null> {
  const champion = (await releases.champion(corpus))?.release ?? null;
  if (expected === undefined || expected === champion) return champion;
  if (expected !== null && champion?.startsWith(expected)) return champion;
  throw new WinnowError(
    "PromotionConflict",
    `The champion of ${corpus} is ${champion ?? "none"}, not ${expected ?? "none"}.`,
  );
}

async function onlyCorpus(releases: Releases): Promise<string> {
  const corpora = [...new Set((await releases.ledger()).map(({ corpus }) => corpus))].sort();
  if (corpora.length === 1) return corpora[0]!;
  const what = corpora.length === 0 ? "nothing has been released yet" : `name one of ${corpora.join(", ")}`;
  throw new WinnowError("BadInput", `corpus: ${what}`);
}

/** The previous champion, or the named release, which must have served the corpus. Throws UnknownRelease. */
async function rollbackTarget(releases: Releases, corpus: string, to?: string): Promise<string> {
  const ledger = await releases.ledger(corpus);
  if (to === undefined) {
    const before = championStack(ledger).at(-2);
    if (before) return before;
    const why = ledger.length === 0 ? "has never had a champion" : "has no champion to go back to";
    throw new WinnowError("UnknownRelease", `Corpus ${corpus} ${why}. \`npx winnow releases\` lists its releases.`);
  }
  const { id }: Release = await releases.read(to);
  if (ledger.some(({ release }) => release === id)) return id;
  throw new WinnowError(
    "UnknownRelease",
    `${id} has never served ${corpus}, so there is nothing to roll back to. To make it the champion: npx winnow releases promote ${id}`,
  );
}
