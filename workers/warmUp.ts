import type { EnginePool } from "../core/serving/enginePool.ts";
import type { Releases } from "../core/storage/releases.ts";

/**
 * Loads a new champion of each corpus that receives questions, so that the next question finds it loaded. Questions in
 * progress finish with their own release. Returns a function that stops it.
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
      // Each change is handled once: a release that was evicted since is not loaded again.
      seen.set(corpus, now);
      if (before !== undefined) await engines.warm(await releases.read(now));
    }
  };
  let timer: NodeJS.Timeout;
  const again = () => {
    timer = setTimeout(async () => {
      // A release that cannot be loaded fails the next question with the reason.
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
