import { openStorage, type Storage } from "../core/storage/openStorage.ts";
import type { Places } from "./settings.ts";

const opened = new WeakMap<Places, Promise<Storage>>();

/**
 * The storage of these places. A bucket's is opened once for each object `places`, so that a server's requests share its
 * connections and what it has read. Throws StorageFailed, StoreUnavailable.
 */
export function storageOf(places: Places): Promise<Storage> {
  const { home, artifacts } = places;
  if (artifacts === null) return openStorage(home, null);
  const known = opened.get(places);
  if (known) return known;
  const opening = openStorage(home, artifacts);
  opened.set(places, opening);
  opening.catch(() => opened.delete(places));
  return opening;
}
