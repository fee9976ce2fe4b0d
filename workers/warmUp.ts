import type { EnginePool } from "../core/serving/enginePool.ts";
import type { Releases } from "../core/storage/releases.ts";

/**
 * Loads the champion of each corpus that questions are asked of, as soon as it is another one: the next question finds it
 * loaded, and those under way end with the release they began with. Gives what stops it.
 */
export function keepWarm(
  { releases, engines }: { releases: Pick<Releases, "champion" | "read">; engines: EnginePool },
  everyMs: number,
): () => void {
  let stopped = false;
  const seen = new Map<string, string>();
  const look = async () => {
    for (const corpus of new Set(engines.loaded().map((entry) => entry.corpus))) {
      const now = (await releases.champion(corpus))?.release;
      const before = seen.get(corpus);
      if (now === undefined || now === before || stopped) continue;
      // Each change is acted on once: what made room for other corpora since is not loaded again and again.
      seen.set(corpus, now);
      if (before !== undefined) await engines.warm(await releases.read(now));
    }
  };
  let timer: NodeJS.Timeout;
  const again = () => {
    timer = setTimeout(async () => {
      // A release that cannot be loaded fails the question that needs it, with its reason.
      await look().catch(() => {});
      if (!stopped) again();
    }, everyMs);
    timer.unref();
  };
  again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
