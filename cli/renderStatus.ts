import type { Asked, LastRun, RunningPipeline } from "../client/overview.ts";
import type { Status } from "../client/status.ts";
import type { QueueLoad } from "../core/upkeep/queueLoads.ts";

/** Formats what serves, runs and waits, with one line each. */
export function renderStatus(status: Status): string {
  const { home, temporal, ui, llm, running, waiting, lastRun, asked, queues, schedules, champions } = status;
  return [
    `Home      ${home}`,
    temporal ? `Temporal  ${temporal}` : "Temporal  not running here: `npx winnow up` starts it",
    ...(ui ? [`Web UI    ${ui}`] : []),
    `LLM       ${llm ? `${llm.model} at ${llm.baseUrl}` : "none: answers are quoted from the docs"}`,
    ...champions.map(
      ({ corpus, id, ageSeconds, ranking, ndcg }) =>
        `Serving   ${corpus}: release ${id}, ${span(ageSeconds)} old, ranking ${ranking}, nDCG@10 ${ndcg?.toFixed(3) ?? "n/a"}`,
    ),
    ...(champions.length === 0 ? ["Serving   nothing yet"] : []),
    ...running.map((run) => `Running   ${run.workflowId}: ${run.stage ?? "starting"}${far(run)}, since ${run.since}`),
    ...waiting.map((id) => `Waiting   ${id}: for \`npx winnow releases approve ${id}\`, or reject`),
    ...(lastRun ? [`Last run  ${told(lastRun)}`] : []),
    ...(asked && asked.questions > 0 ? [`Asked     ${counted(asked)}`] : []),
    ...queues.map((load) => `Queue     ${load.queue}, ${load.kind} tasks: ${loadOf(load)}`),
    ...schedules.map(
      ({ name, everyMinutes, source, paused, next }) =>
        `Schedule  ${name}: ${source} every ${everyMinutes / 60} h, ${paused ? "paused" : `next at ${next?.slice(0, 16)} UTC`}`,
    ),
  ].join("\n");
}

function far({ beat, note }: RunningPipeline): string {
  if (note) return ` (${note})`;
  return beat?.of ? ` ${beat.step}/${beat.of}${beat.note ? ` (${beat.note})` : ""}` : "";
}

function told({ workflowId, corpus, outcome, at, stages }: LastRun): string {
  const ended = at ? `, ended ${at.slice(0, 16)} UTC` : "";
  const ran = stages.filter(({ skipped }) => !skipped).map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`);
  return `${workflowId}${corpus ? ` of ${corpus}` : ""}: ${outcome}${ended}${ran.length > 0 ? `; ${ran.join(", ")}` : ""}`;
}

function counted({ hours, questions, abstained, failed }: Asked): string {
  const refused = abstained === null ? "" : `, ${abstained} not answered by the docs`;
  return `${questions} ${questions === 1 ? "question" : "questions"} in ${hours} hours${refused}, ${failed} failed`;
}

function loadOf({ backlog, ageSeconds, pollers }: QueueLoad): string {
  const wait = backlog > 0 ? `${backlog} wait, the oldest for ${span(ageSeconds)}` : "none wait";
  if (pollers > 0) return `${wait}; ${pollers} ${pollers === 1 ? "worker polls" : "workers poll"} it`;
  return `${wait}; ${backlog > 0 ? "NO WORKER" : "no worker"} polls it`;
}

/** Formats a duration in its largest unit. */
function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
