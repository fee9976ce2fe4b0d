import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AskEvent } from "../contracts/askEvents.ts";
import { type Listening, listen } from "./server.ts";
import { answerOf } from "./testing/answers.ts";
import { eventsOf } from "./testing/events.ts";
import { type LocalServer, localServer } from "./testing/localDoors.ts";

// Clients that are many, idle or slow, through sockets.

const IDLE = 500;
const STUCK_MS = 1500;
const MB = 2 ** 20;
const accepted: AskEvent = { event: "accepted", data: { id: "ask-1" } };
const answer: AskEvent = { event: "answer", data: answerOf("A Job creates pods.", []) };

let local: LocalServer;
let listening: Listening;
let url: string;
/** Questions under way. */
let running = 0;
const sockets: Socket[] = [];

beforeAll(async () => {
  local = await localServer({ questionsAtOnce: IDLE });
});
afterAll(() => local.end());
beforeEach(() => serve());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listening.close();
});

async function serve(more: { stuckMs?: number } = {}): Promise<void> {
  listening = await listen(local.again(), { host: "127.0.0.1", port: 0, ...more });
  url = `http://127.0.0.1:${listening.port}`;
}

/** The next questions are accepted, then give these events; without any, they wait until their client leaves. */
function plays(...events: AskEvent[]): void {
  local.script = async function* (_, signal) {
    running++;
    try {
      yield accepted;
      yield* events;
      if (events.length > 0) return;
      await new Promise<void>((settle) => signal!.addEventListener("abort", () => settle()));
      signal!.throwIfAborted();
    } finally {
      running--;
    }
  };
}

const headers = { "content-type": "application/json", accept: "text/event-stream" };
const stream = (signal?: AbortSignal) =>
  fetch(`${url}/v1/ask`, { method: "POST", headers, body: '{"question": "a"}', signal });

/** A client that asks for a stream and never reads it. */
async function unread(): Promise<Socket> {
  const socket = connect(listening.port, "127.0.0.1");
  sockets.push(socket.pause().on("error", () => {}));
  const lines = ["POST /v1/ask HTTP/1.1", "Host: localhost", "Content-Type: application/json"];
  const body = '{"question":"a"}';
  const head = [...lines, "Accept: text/event-stream", `Content-Length: ${body.length}`].join("\r\n");
  await new Promise((settle) => socket.write(`${head}\r\n\r\n${body}`, settle));
  return socket;
}

describe(`${IDLE} idle streams`, () => {
  it("leave the server responsive and small, and all end when their clients leave", async () => {
    plays();
    const before = process.memoryUsage().rss;
    const leave = new AbortController();
    const open = await Promise.all(Array.from({ length: IDLE }, () => stream(leave.signal)));
    for (const response of open) expect(response.status).toBe(200);
    expect(running).toBe(IDLE);
    const refused = await stream();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    const asked = performance.now();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(performance.now() - asked).toBeLessThan(1000);
    // Clients and server share this process.
    expect((process.memoryUsage().rss - before) / MB).toBeLessThan(300);
    leave.abort();
    await expect.poll(() => running, { timeout: 5000 }).toBe(0);
    plays(answer);
    expect((await stream()).status).toBe(200);
  });

  it("end when the server stops", async () => {
    plays();
    const open = await Promise.all(Array.from({ length: IDLE }, () => stream()));
    const ends = open.map((response) =>
      response.text().then(
        () => "ended",
        () => "cut",
      ),
    );
    await listening.close();
    expect(new Set(await Promise.all(ends)).size).toBe(1);
    await expect.poll(() => running, { timeout: 5000 }).toBe(0);
  });
});

describe("a server that is stopped with time to drain", () => {
  const late: AskEvent[] = [{ event: "token", data: { text: "A Job" } }, answer];

  it("ends the streams under way with their answers, takes no new question, and ends", async () => {
    let go = () => {};
    const released = new Promise<void>((settle) => {
      go = settle;
    });
    local.script = async function* () {
      yield accepted;
      await released;
      yield* late;
    };
    const response = await stream();
    const closed = listening.close(30_000);
    await expect(stream()).rejects.toThrow();
    go();
    expect(await response.text()).toMatch(/event: answer\n/);
    await closed;
  });

  it("cuts a stream that outlasts it, and cancels its question", async () => {
    plays();
    const response = await stream();
    await listening.close(300);
    await expect(response.text()).rejects.toThrow();
    await expect.poll(() => running).toBe(0);
  });
});

describe("a client that reads nothing", () => {
  const long = Array.from({ length: 4000 }, (): AskEvent => ({ event: "token", data: { text: "x".repeat(1000) } }));

  it("holds no place among the questions once its answer is made", async () => {
    plays(...long, answer);
    await unread();
    await expect.poll(() => local.asked.length).toBeGreaterThan(0);
    await expect.poll(() => running, { timeout: 5000 }).toBe(0);
  });

  it("is cut off after a while, and one that reads slowly gets it all", async () => {
    await listening.close();
    await serve({ stuckMs: STUCK_MS });
    plays(...long, answer);
    const socket = await unread();
    const closed = new Promise<void>((settle) => socket.once("close", () => settle()));
    let tokens = 0;
    let ended = false;
    for await (const { event } of eventsOf(await stream())) {
      if (event === "token" && ++tokens % 1000 === 0) await new Promise((settle) => setTimeout(settle, 300));
      ended ||= event === "answer";
    }
    expect([tokens, ended]).toEqual([4000, true]);
    await new Promise((settle) => setTimeout(settle, 2 * STUCK_MS));
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(4 * MB);
  });
});
