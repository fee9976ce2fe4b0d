import { basename } from "node:path";
import { withoutPassword } from "../config/kinds.ts";
import type { ServingRelease } from "../contracts/serving.ts";
import type { Release } from "../core/storage/releases.ts";
import { qualityAsServed } from "./releaseShelf.ts";
import type { Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** Digits of a docs version. */
const VERSION_LENGTH = 12;

/**
 * The releases that serve, one a corpus, by name of the corpus, with their docs and measured quality. A corpus whose
 * ledger is damaged is left out. Throws CorruptArtifact for a damaged release, StoreUnavailable.
 *
 * @example
 * for (const { corpus, docs, quality } of await servingReleases(config)) ...
 */
export async function servingReleases(places: Places): Promise<ServingRelease[]> {
  const { releases } = await storageOf(places);
  const ledger = await releases.ledger();
  const last = ledger.at(-1)?.corpus;
  const champions = new Map(ledger.map(({ corpus, release }) => [corpus, release]));
  const serving = [...champions.values()].map(async (id) => servingRelease(await releases.read(id), last));
  return (await Promise.all(serving)).sort((a, b) => a.corpus.localeCompare(b.corpus));
}

function servingRelease({ id, manifest }: Release, last: string | undefined): ServingRelease {
  const { corpus, createdAt, source, ranking } = manifest;
  const { digest, pages, passages } = source;
  return {
    corpus,
    release: id,
    createdAt,
    default: corpus === last,
    docs: { source: publicSource(source.path), version: digest.slice(0, VERSION_LENGTH), pages, passages },
    ranking,
    quality: qualityAsServed(manifest),
  };
}

/** A remote address without its password; of a path on this machine, the last part alone. */
export function publicSource(path: string): string {
  const remote = /^(?:[a-z][a-z0-9+.-]*:\/\/|[\w.-]+@[\w.-]+:)/i.test(path) && !/^file:/i.test(path);
  if (!remote) return basename(path);
  const [address = "", ref] = path.split("#");
  const shown = URL.canParse(address) ? withoutPassword(address) : address;
  return ref === undefined ? shown : `${shown}#${ref}`;
}
