import { changeInWords } from "../../../client/decisions.ts";
import type { CorpusReleases } from "../../../client/releaseShelf.ts";
import { unlessAway } from "../parts/away.tsx";
import { causeFor } from "../parts/withheld.ts";
import type { View } from "../view.ts";
import { decideBy } from "./decide.tsx";
import { ReleaseMain } from "./releaseMain.tsx";
import { winsOf } from "./wins.tsx";

/**
 * A release with its measures and its parts. `?against` compares it question by question with another one; `show` and
 * `from` choose the questions. Its form decides; `?done` shows what became of that.
 */
export const releaseView: View = {
  path: "/releases/:id",
  title: "Release",
  decides: true,
  async render(c, { desk }) {
    const id = c.req.param("id")!;
    const against = c.req.query("against");
    if (against) {
      const [compared, corpora] = await Promise.all([desk.compare(id, against), desk.releases()]);
      return winsOf(c, compared, shelfOf(corpora, compared.a));
    }
    const [found, corpora, waiting, ui] = await Promise.all([
      desk.release(id),
      desk.releases(),
      unlessAway(desk.waiting()),
      desk.webUi(),
    ]);
    const shelf = shelfOf(corpora, found.manifest);
    const told = toldOf(c.req.query("done"), shelf);
    const noCurves = found.manifest.evaluate === null ? found.noCurves : causeFor(c, found.noCurves);
    const shown = { release: { ...found, noCurves }, shelf, waiting, ui, told };
    return { title: `Release ${found.id}`, main: <ReleaseMain {...shown} /> };
  },
  act: (form, c, { desk }) => decideBy(form, c.req.param("id")!, desk),
};

/** The releases of a release's corpus; null if none can be read. */
function shelfOf(corpora: CorpusReleases[], release: { corpus: string }): CorpusReleases | null {
  return corpora.find(({ corpus }) => corpus === release.corpus) ?? null;
}

/** The last decision by the ledger: an address cannot put words into the page. */
function toldOf(done: string | undefined, shelf: CorpusReleases | null): string | null {
  const last = shelf?.ledger[0];
  const change = last ? changeInWords(last) : "";
  if (done === "promote" || done === "rollback" || done === "approve") return `Done. ${change}`;
  if (done === "reject") return "Rejected. The release is kept, and what serves stays as it is.";
  if (done === "already") return `This release served already. ${change}`;
  return null;
}
