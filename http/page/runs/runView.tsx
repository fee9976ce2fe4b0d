import { Fragment } from "preact";
import type { RunDetails } from "../../../client/runDetails.ts";
import { WinnowError } from "../../../core/base/errors.ts";
import { HttpFailure } from "../../failure.ts";
import { plural, When } from "../parts/figures.tsx";
import { FormKey } from "../parts/formKey.tsx";
import { runFor } from "../parts/withheld.ts";
import type { View } from "../view.ts";
import { duration, State } from "./runsView.tsx";
import { StageFlow } from "./stageFlow.tsx";

/** Seconds between two reads of a run that has not ended. */
const REFRESH_SECONDS = 5;

/**
 * One run with its stages. While it runs, the browser reads it again by itself, without a script; `?still` stops that.
 * `?still&cancel` shows the form that cancels it.
 */
export const runView: View = {
  path: "/runs/:id",
  title: "Run",
  decides: true,
  async render(c, { desk }) {
    const id = c.req.param("id")!;
    const [run, ui] = await Promise.all([desk.run(id), desk.webUi()]).catch((error) => {
      if (error instanceof WinnowError && error.code === "BadInput") throw new HttpFailure(404, "NoRun", error.message);
      throw error;
    });
    const cancel = c.req.query("cancel") !== undefined;
    const still = cancel || c.req.query("still") !== undefined;
    if (run.status === "running" && !still) c.header("Refresh", `${REFRESH_SECONDS}`);
    const shown = { run: runFor(c, run), ui: ui?.(id) ?? null, still, cancel };
    return { title: `Run ${id}`, main: <RunMain {...shown} /> };
  },
  async act(form, c, { desk }) {
    if (form.get("action") !== "cancel") throw new HttpFailure(400, "BadInput", "the action of a run is cancel");
    const id = c.req.param("id")!;
    await desk.cancelRun(id);
    return `/runs/${encodeURIComponent(id)}`;
  },
};

interface Shown {
  run: RunDetails;
  ui: string | null;
  still: boolean;
  cancel: boolean;
}

function RunMain({ run, ui, still, cancel }: Shown) {
  const { workflowId, corpus, status, result, failure } = run;
  const open = status === "running";
  return (
    <>
      <p class="screen">
        <a href="/runs">All runs</a>
      </p>
      <h1 class="id">{workflowId}</h1>
      <p>
        <State run={run} /> {corpus && `Corpus ${corpus}, `}started <When at={run.started} /> UTC,{" "}
        {open ? "for" : "took"} {duration(run)}.
        {run.cancelling && open && " Its cancellation was requested: the stage under way ends first."}
      </p>
      {open && <Refreshing id={workflowId} still={still} />}
      {result && <Outcome run={run} />}
      {failure && (
        <p class="notice bad">
          <strong>It failed.</strong> {failure}
        </p>
      )}
      <h2>Stages</h2>
      {!run.known && (
        <p class="faint">No worker could be asked which stages it ran. Temporal's own page has its whole history.</p>
      )}
      <StageFlow run={run} />
      <Options run={run} />
      <p class="actions">
        {ui && (
          <a href={ui} rel="noreferrer">
            This run in Temporal's Web UI
          </a>
        )}
      </p>
      {open && !run.cancelling && <Cancel id={workflowId} chosen={cancel} />}
    </>
  );
}

function Refreshing({ id, still }: { id: string; still: boolean }) {
  const path = `/runs/${encodeURIComponent(id)}`;
  return (
    <p class="faint screen">
      {still ? "This page stays as it is. " : `This page reads the run again every ${REFRESH_SECONDS} s. `}
      <a href={still ? path : `${path}?still`}>{still ? "Follow the run" : "Stop that"}</a>
    </p>
  );
}

function Outcome({ run: { result } }: { run: RunDetails }) {
  const { release, promoted, reason, approval, changes } = result!;
  return (
    <>
      <p class={promoted ? "notice good" : "notice"}>
        {release && (
          <>
            Release <a href={`/releases/${release}`}>{release}</a>
            {promoted ? " serves: " : approval ? " does not serve yet: " : " does not serve: "}
          </>
        )}
        {reason}
      </p>
      {changes && (
        <p>
          Against <a href={`/releases/${changes.against}`}>{changes.against}</a>: {plural(changes.pages.added, "page")}{" "}
          added, {changes.pages.changed} changed, {changes.pages.removed} removed; {changes.passages.fresh} of{" "}
          {changes.passages.total} passages are new.
        </p>
      )}
    </>
  );
}

function Options({ run: { options } }: { run: RunDetails }) {
  const given = Object.entries(options);
  if (given.length === 0) return null;
  return (
    <details>
      <summary>How it was started</summary>
      <dl class="facts">
        {given.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </details>
  );
}

function Cancel({ id, chosen }: { id: string; chosen: boolean }) {
  const path = `/runs/${encodeURIComponent(id)}`;
  if (!chosen)
    return (
      <p class="actions screen">
        <a class="button" href={`${path}?still&cancel`}>
          Cancel this run…
        </a>
      </p>
    );
  return (
    <form method="post" action={path} class="decide screen">
      <p>The stage under way is stopped. What finished stages made is kept, and the next run goes on from there.</p>
      <FormKey />
      <input type="hidden" name="action" value="cancel" />
      <button type="submit">Cancel the run</button>
    </form>
  );
}
