import type { Asked, LastRun, RunningPipeline } from "../client/overview.ts";
import type { Status } from "../client/status.ts";
import { modelsInWords } from "../core/storage/modelsInWords.ts";
import type { QueueLoad } from "../core/upkeep/queueLoads.ts";
import { labelled } from "./labelled.ts";
import { counted } from "./numbers.ts";
import { renderLlm } from "./renderLlm.ts";
import { relativeTo, span } from "./times.ts";

/** Formats what serves, runs and waits, with one line each. */
export function renderStatus(status: Status, now: number = Date.now()): string {
  const { home, temporal, ui, api, running, waiting, lastRun, asked, queues, schedules, champions } = status;
  const lines = [
    labelled("Home", home),
    labelled("Temporal", temporal ?? "not running here: `npx winnow up` starts it"),
    ...(ui ? [labelled("Web UI", ui)] : []),
    ...(api ? [labelled("API", api)] : []),
    ...renderLlm(status).map((line, index) => labelled(index === 0 ? "LLM" : "", line)),
    ...champions.map(({ corpus, id, ageSeconds, ranking, ndcg, unmeasured, models }) =>
      labelled(
        "Serving",
        `${corpus}: release ${id}, ${span(ageSeconds)} old, ranking ${ranking}, ${unmeasured ? "not measured yet" : `nDCG@10 ${ndcg?.toFixed(3) ?? "n/a"}`}${modelsInWords(
          { models },
        )
          .map((words) => `, ${words}`)
          .join("")}`,
      ),
    ),
    ...(champions.length === 0 ? [labelled("Serving", "nothing yet")] : []),
    ...running.map((run) =>
      labelled(
        "Running",
        `${run.workflowId}: ${run.stage ?? "starting"}${far(run)}, started ${relativeTo(run.since, now)}`,
      ),
    ),
    ...waiting.map((id) => labelled("Waiting", `${id}: for \`npx winnow releases approve ${id}\`, or reject`)),
    ...(lastRun ? [labelled("Last run", described(lastRun, now))] : []),
    ...(asked && asked.questions > 0 ? [labelled("Asked", askedOf(asked))] : []),
    ...queueLines(queues),
    ...schedules.map(({ name, everyMinutes, source, paused, next }) =>
      labelled(
        "Schedule",
        `${name}: ${source} every ${everyMinutes / 60} h, ${paused || !next ? "paused" : `next ${relativeTo(next, now)}`}`,
      ),
    ),
  ];
  return lines.join("\n");
}

/** A line for each queue that needs attention, and one for all others. */
function queueLines(queues: QueueLoad[]): string[] {
  const busy = queues.filter(({ backlog }) => backlog > 0);
  const workers = Math.max(0, ...queues.map(({ pollers }) => pollers));
  const quiet = queues.length - busy.length;
  const polled = queues.filter(({ pollers }) => pollers > 0).length;
  if (queues.length === 0) return [];
  const rest =
    workers === 0 ? "no worker polls: `npx winnow up` starts them" : `${polled} of ${queues.length} queues are polled`;
  return [
    ...busy.map((load) => labelled("Queue", `${load.queue}, ${load.kind} tasks: ${loadOf(load)}`)),
    labelled("Workers", `${rest}${quiet === queues.length ? ", nothing waits" : ""}`),
  ];
}

function far({ beat, note }: RunningPipeline): string {
  if (note) return ` (${note})`;
  return beat?.of ? ` ${beat.step}/${beat.of}${beat.note ? ` (${beat.note})` : ""}` : "";
}

function described({ workflowId, corpus, outcome, at, stages }: LastRun, now: number): string {
  const ended = at ? `, ended ${relativeTo(at, now)}` : "";
  const ran = stages.filter(({ skipped }) => !skipped).map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`);
  return `${workflowId}${corpus ? ` of ${corpus}` : ""}: ${outcome}${ended}${ran.length > 0 ? `; ${ran.join(", ")}` : ""}`;
}

function askedOf({ hours, questions, unsure, abstained, failed }: Asked): string {
  const refused = abstained === null ? "" : `, ${abstained} not answered by the docs`;
  const doubtful = unsure ? `, ${unsure} not surely answered` : "";
  return `${counted(questions, "question")} in ${hours} hours${refused}${doubtful}, ${failed} failed`;
}

function loadOf({ backlog, ageSeconds, pollers }: QueueLoad): string {
  const wait = backlog > 0 ? `${backlog} wait, the oldest for ${span(ageSeconds)}` : "none wait";
  if (pollers > 0) return `${wait}; ${counted(pollers, "worker polls", "workers poll")} it`;
  return `${wait}; ${backlog > 0 ? "NO WORKER" : "no worker"} polls it`;
}
