import type { Bounded } from "../../../client/docsHealth.ts";
import type { AlikePassages } from "../../../client/nearDuplicates.ts";
import { Left, plural } from "../parts/figures.tsx";
import { Place } from "../parts/place.tsx";

/** Groups of passages worded nearly alike; null while they are being compared. */
export function Alike({ alike }: { alike: Bounded<AlikePassages> | null }) {
  return (
    <section class="card">
      <h2>Near-duplicates</h2>
      <p class="soft">
        Passages that share at least half of their three-word sequences. They take each other's place among the
        candidates, and one of them gets old unnoticed.
      </p>
      {alike === null && <p role="status">The passages are being compared. This page reads them again in a moment.</p>}
      {alike?.total === 0 && <p>None.</p>}
      {alike?.shown.map(({ passages, overlap }) => (
        <section key={passages.shown[0]!.id} class="group">
          <h3>
            {plural(passages.total, "passage")} <span class="badge">{(100 * overlap).toFixed(0)} % alike or more</span>
          </h3>
          <ul>
            {passages.shown.map((passage) => (
              <li key={passage.id}>
                <Place {...passage} />
              </li>
            ))}
          </ul>
          <Left of={passages} what="passages" />
        </section>
      ))}
      {alike && <Left of={alike} what="groups" />}
    </section>
  );
}
