import { afterAll, beforeAll, expect, it } from "vitest";
import { WinnowError } from "../../../core/base/errors.ts";
import { type Listening, listen } from "../../server.ts";
import { answerOf } from "../../testing/answers.ts";
import { type LocalServer, localServer } from "../../testing/localDoors.ts";
import { askServer, serverOf } from "./askServer.ts";
import type { Happening } from "./progress.ts";

const ANSWER = answerOf("Use a Job [1].", []);

let server: LocalServer;
let listening: Listening;
beforeAll(async () => {
  server = await localServer();
  listening = await listen(server.app, { host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await listening.close();
  await server.end();
});

const ask = (signal = new AbortController().signal, port = listening.port) =>
  askServer({ question: "how do I run a task?" }, { server: `http://127.0.0.1:${port}`, signal });

async function eventsOf(happenings: AsyncIterable<Happening>): Promise<string[]> {
  const events: string[] = [];
  for await (const { event, data } of happenings)
    events.push(event === "error" ? `error ${(data as { code: string }).code}` : event);
  return events;
}

it("gives what the server sends until there is an answer", async () => {
  server.script = async function* () {
    yield { event: "accepted", data: { id: "ask-1" } };
    yield { event: "token", data: { text: "Use" } };
    yield { event: "answer", data: ANSWER };
  };
  expect(await eventsOf(ask())).toEqual(["accepted", "token", "answer"]);
});

it("gives the error of a question that fails, at the door or later", async () => {
  // biome-ignore lint/correctness/useYield: it fails before its first event
  server.script = async function* () {
    throw new WinnowError("TemporalUnreachable", "Temporal does not answer");
  };
  expect(await eventsOf(ask())).toEqual(["error TemporalUnreachable"]);
  server.script = async function* () {
    yield { event: "accepted", data: { id: "ask-1" } };
    throw new WinnowError("LlmSilent", "no reply");
  };
  expect(await eventsOf(ask())).toEqual(["accepted", "error LlmSilent"]);
});

it("reads the recorded answer after its stream broke, as soon as a server is back", async () => {
  server.script = async function* (_, signal) {
    yield { event: "accepted", data: { id: "ask-1" } };
    await new Promise((settle) => signal?.addEventListener("abort", settle, { once: true }));
  };
  server.stored = async () => ANSWER;
  const events: string[] = [];
  for await (const { event } of ask()) {
    events.push(event);
    if (event !== "accepted") continue;
    const { port } = listening;
    await listening.close();
    listening = await listen(server.again(), { host: "127.0.0.1", port });
  }
  expect(events).toEqual(["accepted", "lost", "answer"]);
});

it("says that it is lost where no server answers at all", async () => {
  const nowhere = await listen(server.again(), { host: "127.0.0.1", port: 0 });
  await nowhere.close();
  expect(await eventsOf(ask(undefined, nowhere.port))).toEqual(["lost"]);
});

it("ends silently when it is aborted, and the server cancels the question", async () => {
  const stop = new AbortController();
  const cancelled = new Promise((settle) => {
    server.script = async function* (_, signal) {
      yield { event: "accepted", data: { id: "ask-1" } };
      await new Promise<void>((left) => signal?.addEventListener("abort", () => left(), { once: true }));
      settle("cancelled");
    };
  });
  const events: string[] = [];
  for await (const { event } of ask(stop.signal)) {
    events.push(event);
    stop.abort();
  }
  expect([events, await cancelled]).toEqual([["accepted"], "cancelled"]);
});

it("adds paths to the address of a server, with or without a slash at its end", () => {
  for (const address of ["https://winnow.test/", "https://winnow.test", "https://winnow.test//"])
    expect(serverOf(address)).toBe("https://winnow.test");
  expect(serverOf("https://docs.test/winnow/")).toBe("https://docs.test/winnow");
});
