import type { StackEvent, StackPart } from "../client/stackEvents.ts";

const WORDS: Record<StackPart, { name: string; it: string; its: string }> = {
  server: { name: "The Temporal server", it: "it", its: "Its" },
  workers: { name: "The workers", it: "them", its: "Their" },
  api: { name: "The API", it: "it", its: "Its" },
};

/** Formats an event of the embedded server, its workers and the API. */
export function renderStackEvent(event: StackEvent): string {
  switch (event.kind) {
    case "waiting":
      return `Another winnow command (process ${event.pid}) is starting or stopping here; waiting for it…`;
    case "server started":
      return `Temporal server at ${event.address}, Web UI at ${event.uiUrl}`;
    case "workers ready":
      return "Workers ready: cpu, gpu and query pools in one process";
    case "api ready":
      return `Page and API at ${event.url}, the API described at ${event.url}/docs`;
    case "ended": {
      const { name, it, its } = WORDS[event.part];
      const how = event.how === null ? "at start" : `(${event.how})`;
      return `${name} ended ${how}; starting ${it} again in ${event.restartSeconds} s. ${its} log: ${event.log}`;
    }
    case "stopping":
      return `Stopping ${WORDS[event.part].name.replace("The", "the")}…`;
  }
}
