import type { Promotion } from "../../../core/storage/releases.ts";
import { Scroll } from "../layout/scroll.tsx";
import { When } from "../parts/figures.tsx";
import { Head } from "../parts/head.tsx";

/** Gives the address of a workflow in Temporal's Web UI; null if none is known. */
export type WebUi = ((workflowId: string) => string) | null;

/** Entries that are shown at once; older ones are folded. */
const OPEN = 10;

/** Changes of champion, the newest first: what served from when, who decided it and why. */
export function LedgerTable({ ledger, ui }: { ledger: readonly Promotion[]; ui: WebUi }) {
  const older = ledger.slice(OPEN);
  return (
    <>
      <Entries entries={ledger.slice(0, OPEN)} label="Ledger" ui={ui} />
      {older.length > 0 && (
        <details>
          <summary>{older.length} older</summary>
          <Entries entries={older} label="Older entries of the ledger" ui={ui} />
        </details>
      )}
    </>
  );
}

function Entries({ entries, label, ui }: { entries: readonly Promotion[]; label: string; ui: WebUi }) {
  return (
    <Scroll label={label}>
      <table class="stack">
        <Head columns={["From (UTC)", "Release", "By", "Why", "Evidence"]} />
        <tbody>
          {entries.map(({ at, kind, release, replaced, by, reason, workflow }) => (
            <tr key={`${at} ${release}`}>
              <td data-label="From">
                <When at={at} />
              </td>
              <td data-label="Release">
                <a href={`/releases/${release}`}>
                  <code>{release}</code>
                </a>
                {kind === "rollback" && <small class="block">rolled back from {replaced}</small>}
              </td>
              <td data-label="By">{by === workflow ? "its run" : by}</td>
              <td class="reason" data-label="Why">
                {reason}
              </td>
              <td data-label="Evidence">{workflow === null ? "by hand" : <Workflow id={workflow} ui={ui} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** The workflow that made the change: a run has a view of its own, any other a page of the Web UI. */
function Workflow({ id, ui }: { id: string; ui: WebUi }) {
  const name = <code class="wrap">{id}</code>;
  const address = id.startsWith("pipeline-") ? `/runs/${encodeURIComponent(id)}` : ui?.(id);
  return address === undefined ? name : <a href={address}>{name}</a>;
}
