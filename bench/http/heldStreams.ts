import { setTimeout as delay } from "node:timers/promises";
import { table } from "../../cli/table.ts";
import { eventsOf, type Received } from "../../http/testing/events.ts";
import { quantile } from "../load.ts";
import type { ApiProcess } from "./apiProcess.ts";
import { postAsk } from "./postAsk.ts";

/** Streams that are opened at once. */
const AT_ONCE = 16;
/** Least number and duration of health checks of a row. Rows must be short: a question fails after a minute without a worker. */
const LOOKS = 50;
const HOLD_MS = 5000;

/**
 * Opens streams on questions that wait, in three steps, and holds them. Returns a table of the API's memory, processor
 * time and response time by the number of streams.
 *
 * @param api of a deployment without query workers
 */
export async function heldStreams(api: ApiProcess, count: number): Promise<string> {
  const leave = new AbortController();
  const rows = [await held(api, 0)];
  let open = 0;
  try {
    for (const goal of [Math.ceil(count / 5), Math.ceil(count / 2), count]) {
      await inTurns(goal - open, () => openStream(api.url, leave.signal));
      open = goal;
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

/** Resolves once the question is accepted. */
async function openStream(url: string, signal: AbortSignal): Promise<void> {
  const events = eventsOf(await postAsk(url, { question: "how do I drain a node?" }, { stream: true, signal }));
  const { value } = await events.next();
  if (value?.event !== "accepted") throw new Error(`a stream began with ${JSON.stringify(value)}`);
  void drained(events, signal);
}

/** Reads on, as a client does. */
async function drained(events: AsyncGenerator<Received>, signal: AbortSignal): Promise<void> {
  try {
    for await (const { event, data } of events) throw new Error(`a stream ended: ${event} ${JSON.stringify(data)}`);
  } catch (error) {
    if (!signal.aborted) throw error;
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
    await delay(HOLD_MS / LOOKS);
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
