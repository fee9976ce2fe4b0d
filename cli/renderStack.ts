import type { StackEvent } from "../client/stackEvents.ts";

/** Formats an event of the embedded server and its workers. */
export function renderStackEvent(event: StackEvent): string {
  switch (event.kind) {
    case "server started":
      return `Temporal server at ${event.address}, Web UI at ${event.uiUrl}`;
    case "workers ready":
      return "Workers ready: cpu, gpu and query pools in one process";
    case "workers ended": {
      const how = event.how === null ? "at start" : `(${event.how})`;
      return `The workers ended ${how}; starting them again in ${event.restartSeconds} s. Their log: ${event.log}`;
    }
  }
}
