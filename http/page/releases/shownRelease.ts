import type { WaitingCandidate } from "../../../client/approval.ts";
import type { ReleaseDetails } from "../../../client/releaseDetails.ts";
import type { CorpusReleases } from "../../../client/releaseShelf.ts";
import type { WebUi } from "./ledgerTable.tsx";

/** What one release's page shows. */
export interface ShownRelease {
  release: ReleaseDetails;
  /** The releases of its corpus; null if the corpus has none that can be read. */
  shelf: CorpusReleases | null;
  /** Candidates that wait for a person; null if Temporal does not answer. */
  waiting: WaitingCandidate[] | null;
  ui: WebUi;
  /** What became of the decision that led here; null for other visits. */
  told: string | null;
}
