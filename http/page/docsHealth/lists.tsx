import type { DocsHealth } from "../../../client/docsHealth.ts";
import { Scroll } from "../layout/scroll.tsx";
import { Left, plural } from "../parts/figures.tsx";
import { Head } from "../parts/head.tsx";
import { Place } from "../parts/place.tsx";

/** Pages that no judged question finds first and no answer could use. */
export function Unreached({ health: { unreached, reachedBy, pages, away } }: { health: DocsHealth }) {
  return (
    <section class="card">
      <h2>Pages that no question reaches</h2>
      <p class="soft">
        {unreached.total.toLocaleString("en")} of {plural(pages, "page")}: not the first result of any of{" "}
        {plural(reachedBy.judged, "judged question")}, and not a source of {plural(reachedBy.asked, "asked question")}
        {away && " (by their records alone)"}. Few questions reach few pages; with many, such a page is hard to find or
        not needed. The longest come first.
      </p>
      {unreached.total > 0 && (
        <Scroll label="Pages that no question reaches">
          <table class="stack">
            <Head columns={["Page", "Title", ["Passages", "number"]]} />
            <tbody>
              {unreached.shown.map(({ page, title, url, passages }) => (
                <tr key={page}>
                  <td>
                    <Place page={page} heading={[]} url={url} />
                  </td>
                  <td data-label="Title">{title}</td>
                  <td class="number" data-label="Passages">
                    {passages}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <Left of={unreached} what="pages" />
    </section>
  );
}

/** Pages that ingest could not read. */
export function Quarantine({ health: { quarantined } }: { health: DocsHealth }) {
  return (
    <section class="card">
      <h2>Pages in quarantine</h2>
      <p class="soft">Ingest could not read these, so no question finds them.</p>
      {quarantined.total === 0 ? (
        <p>None.</p>
      ) : (
        <ul>
          {quarantined.shown.map(({ page, reason }) => (
            <li key={page}>
              <code>{page}</code>: {reason}
            </li>
          ))}
        </ul>
      )}
      <Left of={quarantined} what="pages" />
    </section>
  );
}

/** Judged questions whose evidence is gone. */
export function Stale({ health: { stale } }: { health: DocsHealth }) {
  return (
    <section class="card">
      <h2>Stale questions</h2>
      {stale === null ? (
        <p>The release that serves is not measured, so no judged question was looked up.</p>
      ) : (
        <>
          <p class="soft">
            This version of the docs lacks the evidence of these judged questions. They are not scored until somebody
            judges them anew.
          </p>
          {stale.total === 0 ? (
            <p>None.</p>
          ) : (
            <ul>
              {stale.shown.map(({ id, query }) => (
                <li key={id}>
                  {query} <small class="faint">{id}</small>
                </li>
              ))}
            </ul>
          )}
          <Left of={stale} what="questions" />
        </>
      )}
    </section>
  );
}
