import { changeInWords } from "../../../client/decisions.ts";
import type { Desk } from "../../../client/desk.ts";
import type { CorpusReleases } from "../../../client/releaseShelf.ts";
import { unlessAway } from "../parts/away.tsx";
import { causeFor } from "../parts/withheld.ts";
import type { View } from "../view.ts";
import { decideBy } from "./decide.tsx";
import { ReleaseMain } from "./releaseMain.tsx";
import type { ShownRelease } from "./shownRelease.ts";
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
    if (against) return winsOf(c, await desk.compare(id, against), await shelfOf(desk, id));
    const [shown, waiting, ui] = await Promise.all([
      shelfAndRelease(desk, id),
      unlessAway(desk.waiting()),
      desk.webUi(),
    ]);
    const told = toldOf(c.req.query("done"), shown.shelf);
    const title = `Release ${shown.release.id}`;
    const { evaluate } = shown.release.manifest;
    const noCurves = evaluate === null ? shown.release.noCurves : causeFor(c, shown.release.noCurves);
    const release = { ...shown.release, noCurves };
    return { title, main: <ReleaseMain {...shown} release={release} waiting={waiting} ui={ui} told={told} /> };
  },
  act: (form, c, { desk }) => decideBy(form, c.req.param("id")!, desk),
};

async function shelfAndRelease(desk: Desk, id: string): Promise<Pick<ShownRelease, "release" | "shelf">> {
  const [release, corpora] = await Promise.all([desk.release(id), desk.releases()]);
  return { release, shelf: corpora.find(({ corpus }) => corpus === release.manifest.corpus) ?? null };
}

async function shelfOf(desk: Desk, id: string): Promise<CorpusReleases | null> {
  return (await shelfAndRelease(desk, id)).shelf;
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
