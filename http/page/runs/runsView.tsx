import type { Run } from "../../../client/runs.ts";
import { Scroll } from "../layout/scroll.tsx";
import { TemporalAway, unlessAway } from "../parts/away.tsx";
import { Unknown, When } from "../parts/figures.tsx";
import { Head } from "../parts/head.tsx";
import type { View } from "../view.ts";

/** Open runs, then those that ended last. */
export const runsView: View = {
  path: "/runs",
  title: "Runs",
  nav: "Runs",
  async render(_c, { desk }) {
    return { main: <Runs runs={await unlessAway(desk.runs())} /> };
  },
};

function Runs({ runs }: { runs: Run[] | null }) {
  return (
    <>
      <h1>Runs</h1>
      <p class="soft">
        A run makes a release of the docs, stage by stage. Stages whose inputs have not changed are skipped.
      </p>
      {runs === null && (
        <TemporalAway>
          Runs are Temporal workflows, so none can be shown. A run that was under way goes on when it is back.
        </TemporalAway>
      )}
      {runs?.length === 0 && (
        <div class="notice">
          <p>
            No run yet. <code>npx winnow run --docs FOLDER</code> starts one.
          </p>
        </div>
      )}
      {runs && runs.length > 0 && <RunTable runs={runs} />}
    </>
  );
}

function RunTable({ runs }: { runs: Run[] }) {
  return (
    <Scroll label="Runs">
      <table class="stack">
        <caption>Open runs first, then those that ended last, as long as Temporal keeps them</caption>
        <Head columns={["Run", "Corpus", "State", "Started (UTC)", "Time"]} />
        <tbody>
          {runs.map((run) => (
            <tr key={run.workflowId}>
              <th scope="row">
                <a href={`/runs/${encodeURIComponent(run.workflowId)}`}>{run.workflowId}</a>
              </th>
              <td data-label="Corpus">{run.corpus ?? <Unknown />}</td>
              <td data-label="State">
                <State run={run} />
              </td>
              <td data-label="Started">
                <When at={run.started} />
              </td>
              <td data-label="Time">{duration(run)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** How a run stands, in words. */
export function State({ run: { status, outcome, stage } }: { run: Pick<Run, "status" | "outcome" | "stage"> }) {
  if (status === "running") return <span class="badge good">running{stage && `: ${stage}`}</span>;
  if (status !== "completed") return <span class="badge bad">{status}</span>;
  return <span class={outcome === "promoted" ? "badge good" : "badge"}>{outcome ?? "completed"}</span>;
}

export function duration({ started, ended }: Pick<Run, "started" | "ended">): string {
  return seconds(((ended ? Date.parse(ended) : Date.now()) - Date.parse(started)) / 1000);
}

/** A time in the largest two units. */
export function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 100) return `${Math.round(value)} s`;
  const minutes = Math.round(value / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
