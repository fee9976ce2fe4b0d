import type { WaitingCandidate } from "../../../client/approval.ts";
import type { CorpusReleases } from "../../../client/releaseShelf.ts";
import { HttpFailure } from "../../failure.ts";
import { TemporalAway, unlessAway } from "../parts/away.tsx";
import { releasesFor } from "../parts/withheld.ts";
import type { View } from "../view.ts";
import { CorpusSection } from "./corpusSection.tsx";
import type { WebUi } from "./ledgerTable.tsx";

/** Every corpus with its champion, its candidates and its ledger. `?corpus` shows one, `?all` the older releases too. */
export const releasesView: View = {
  path: "/releases",
  title: "Releases",
  nav: "Releases",
  async render(c, { desk }) {
    const [corpus, all] = [c.req.query("corpus"), c.req.query("all") !== undefined];
    const [corpora, waiting, ui] = await Promise.all([
      desk.releases(all ? { limit: Number.POSITIVE_INFINITY } : {}),
      unlessAway(desk.waiting()),
      desk.webUi(),
    ]);
    const shown = corpora.filter((each) => corpus === undefined || each.corpus === corpus);
    if (shown.length === 0 && corpora.length > 0)
      throw new HttpFailure(404, "NotFound", `There is no corpus ${JSON.stringify(corpus)} here.`);
    const releases = shown.map((each) => releasesFor(c, each));
    return { main: <Releases corpora={releases} waiting={waiting} ui={ui} /> };
  },
};

interface Shown {
  corpora: CorpusReleases[];
  waiting: WaitingCandidate[] | null;
  ui: WebUi;
}

function Releases({ corpora, waiting, ui }: Shown) {
  return (
    <>
      <h1>Releases</h1>
      <p class="soft">
        A release is one version of the docs with everything that answers from it. One release a corpus serves: its
        champion. Every change of champion stays in the ledger.
      </p>
      {waiting === null && (
        <TemporalAway>The releases below are those of the store; nothing can be decided.</TemporalAway>
      )}
      {corpora.length === 0 && (
        <div class="notice">
          <p>
            Nothing has been released yet. <code>npx winnow run --docs FOLDER</code> builds a release of your docs,{" "}
            <code>npm start</code> one of the sample.
          </p>
        </div>
      )}
      {corpora.map((corpus) => (
        <CorpusSection key={corpus.corpus} releases={corpus} waiting={waiting ?? []} ui={ui} />
      ))}
    </>
  );
}
