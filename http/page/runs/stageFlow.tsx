import { NEEDS, type RunDetails, type RunStage } from "../../../client/runDetails.ts";
import { seconds } from "./runsView.tsx";

const STATES: Record<RunStage["state"], string> = {
  ran: "ran",
  skipped: "skipped",
  running: "running",
  waiting: "to come",
  failed: "failed",
  stopped: "stopped",
  none: "not run",
};

/** The stages of a run in order, each with its state, why it ran or was skipped, and the stages that it reads. */
export function StageFlow({ run }: { run: RunDetails }) {
  const { stages, first } = run;
  return (
    <ol class="stages">
      {stages.map((stage) => (
        <li
          key={stage.name}
          class={`stage ${stage.state}`}
          aria-current={stage.state === "running" ? "step" : undefined}
        >
          <Stage stage={stage} run={run} />
          {stage.name === "build-index" && first && (
            <p class="branch">
              {first.release ? (
                <>
                  Served at once: release <a href={`/releases/${first.release}`}>{first.release}</a>
                </>
              ) : (
                "Nothing served before it was measured"
              )}
              , {first.why}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

function Stage({ stage, run }: { stage: RunStage; run: RunDetails }) {
  const { name, state, why, summary, seconds: took } = stage;
  const needs = NEEDS[name];
  return (
    <>
      <p class="head">
        <strong>{name}</strong> <span class="badge">{STATES[state]}</span>
        {took !== null && state === "ran" && <span class="faint"> {seconds(took)}</span>}
        {needs.length > 0 && <span class="faint"> reads {needs.join(", ")}</span>}
      </p>
      {state === "running" && <Progress run={run} />}
      {summary && <p>{summary}</p>}
      {why && <p class="faint">{state === "skipped" ? `Skipped: ${why}` : `Ran: ${why}`}</p>}
    </>
  );
}

function Progress({ run: { beat, note } }: { run: RunDetails }) {
  if (beat === null) return <p>{note ?? "starts, or waits for a worker"}</p>;
  const words = `${beat.step} of ${beat.of}${beat.note ? `, ${beat.note}` : ""}`;
  return (
    <p>
      {beat.of > 0 && <progress max={beat.of} value={beat.step} aria-label="Progress of the stage" />} {words}
    </p>
  );
}
