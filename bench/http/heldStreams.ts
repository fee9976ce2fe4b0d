import { table } from "../../cli/table.ts";
import { eventsOf } from "../../http/testing/events.ts";
import { quantile } from "../load.ts";
import type { ApiProcess } from "./apiProcess.ts";

/** Streams that are opened at once, and between two lines of the table. */
const AT_ONCE = 16;
const EVERY = 100;
const LOOKS = 50;
const HOLD_MS = 5000;

/**
 * Opens streams on questions whose LLM is silent, and holds them. A table of the API's memory, of its processor time
 * and of how fast it responds meanwhile, by the number of streams.
 */
export async function heldStreams(api: ApiProcess, next: () => string, count: number): Promise<string> {
  const leave = new AbortController();
  const rows = [await held(api, 0)];
  let open = 0;
  try {
    while (open < count) {
      const more = Math.min(EVERY, count - open);
      await inTurns(more, () => openStream(api.url, next, leave.signal));
      open += more;
      rows.push(await held(api, open));
    }
  } finally {
    leave.abort();
  }
  return table(
    ["streams held", "API's memory, MB", "its processor time, of a core", "GET /healthz p50, ms", "p95"],
    rows,
  );
}

/** Resolves once the question waits for its LLM. A question that is refused does not, and the next one is asked. */
async function openStream(url: string, next: () => string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const headers = { "content-type": "application/json", accept: "text/event-stream" };
    const body = JSON.stringify({ question: next() });
    const events = eventsOf(await fetch(`${url}/v1/ask`, { method: "POST", headers, body, signal }));
    let waits = false;
    for (let event = await events.next(); !event.done; event = await events.next()) {
      if (event.value.event === "error") throw new Error(`a stream failed: ${JSON.stringify(event.value.data)}`);
      if (event.value.event === "abstained") break;
      waits = event.value.event === "passages";
      if (waits) break;
    }
    if (!waits) continue;
    void drained(events);
    return;
  }
}

/** Reads on, as a client does. */
async function drained(events: AsyncGenerator): Promise<void> {
  try {
    for await (const _ of events);
  } catch {
    // The bench left.
  }
}

async function held(api: ApiProcess, streams: number): Promise<string[]> {
  const before = api.usage().cpuSeconds;
  const began = performance.now();
  const times: number[] = [];
  while (performance.now() - began < HOLD_MS || times.length < LOOKS) {
    const asked = performance.now();
    await (await fetch(`${api.url}/healthz`)).text();
    times.push(performance.now() - asked);
    await new Promise((settle) => setTimeout(settle, HOLD_MS / LOOKS));
  }
  const { megabytes, cpuSeconds } = api.usage();
  const share = (1000 * (cpuSeconds - before)) / (performance.now() - began);
  return [
    `${streams}`,
    megabytes.toFixed(0),
    `${(100 * share).toFixed(0)} %`,
    ...[0.5, 0.95].map((q) => quantile(times, q).toFixed(1)),
  ];
}

async function inTurns(count: number, work: () => Promise<void>): Promise<void> {
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      begun++;
      await work();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
}
