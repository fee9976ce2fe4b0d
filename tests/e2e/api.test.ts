import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Status } from "../../client/status.ts";
import type { IdentifiedAnswer } from "../../contracts/askEvents.ts";
import type { Vote } from "../../contracts/feedback.ts";
import { type TinyHome, tinyHome } from "../../core/stages/testing/tinyRelease.ts";
import { eventsOf } from "../../http/testing/events.ts";
import { isAlive } from "../isAlive.ts";
import { listening, seesListeners } from "../listening.ts";
import { freePort } from "../ports.ts";
import { winnow, winnowJson } from "./command.ts";
import { forget } from "./forget.ts";
import { leftovers } from "./leftovers.ts";
import { endStarted, type Started, stack, startWinnow } from "./stageSignals.ts";

const QUESTION = JSON.stringify({ question: "what is red pod" });
const POST = { method: "POST", headers: { "content-type": "application/json" }, body: QUESTION };

describe("winnow serve", () => {
  let tiny: TinyHome;
  beforeAll(async () => {
    tiny = await tinyHome();
    const release = await tiny.build(32);
    await tiny.context.releases.promote(release, { expected: null, by: "a test", reason: "the first" });
  });
  afterEach(() => endStarted());
  afterAll(() => rmSync(tiny.home, { recursive: true, force: true }));

  async function serve(...args: string[]): Promise<Started & { url: string }> {
    const started = startWinnow(tiny.home, ["serve", ...args]);
    await expect.poll(started.said, { timeout: 120_000 }).toContain("Serving. Ctrl-C stops");
    return { ...started, url: /API at (\S+),/.exec(started.said())![1]! };
  }

  /** After Temporal's retention, an answer can be read and voted on. Accepting the vote keeps its question out of drafts. */
  async function remembers(url: string, answer: IdentifiedAnswer): Promise<void> {
    await forget(tiny.home, answer.id);
    expect(await (await fetch(`${url}/v1/asks/${answer.id}`)).json()).toEqual(answer);
    const passage = answer.receipt.candidates[0]!.id;
    const body = JSON.stringify({ answer: answer.id, vote: "down", passage, comment: "the wrong colour" });
    const { id } = (await (await fetch(`${url}/v1/feedback`, { ...POST, body })).json()) as Vote;
    const listed = await winnowJson<{ votes: object[] }>(tiny.home, ["feedback", "list"]);
    expect(listed.votes).toMatchObject([{ id, passage, comment: "the wrong colour", question: null }]);

    const accept = (...args: string[]) => winnow(tiny.home, ["feedback", "accept", id, ...args]);
    expect(await accept()).toMatchObject({ code: 2, stderr: expect.stringContaining("give it by --question") });
    expect(await accept("--by", "ada", "--question", "What is red pod")).toMatchObject({ code: 0 });
    const second = await accept("--by", "bob", "--question", "what is red pod");
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("was accepted by ada") });

    const draft = join(tiny.home, "draft.jsonl");
    const args = ["questions", "draft", "--out", draft];
    const drafted = await winnowJson<{ questions: { query: string }[]; trained: number }>(tiny.home, args);
    expect(drafted.trained).toBe(1);
    expect(drafted.questions.map(({ query }) => query.toLowerCase())).not.toContain("what is red pod");
  }

  it("serves the API on loopback, shows it in the status, starts it again after a crash, and ends it", async () => {
    const port = await freePort();
    const { child, said, gone, url } = await serve("--port", `${port}`);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect((await winnowJson<Status>(tiny.home, ["status"])).api).toBe(url);
    expect(await (await fetch(`${url}/readyz`)).text()).toBe("ready\n");
    if (seesListeners) expect(listening(child.pid!).filter((place) => !place.startsWith("loopback:"))).toEqual([]);

    const answer = (await (await fetch(`${url}/v1/ask`, POST)).json()) as IdentifiedAnswer;
    const asked = await winnowJson<IdentifiedAnswer>(tiny.home, ["ask", "what is red pod"]);
    expect({ ...asked, id: answer.id }).toEqual(answer);
    const stream = await fetch(`${url}/v1/ask`, { ...POST, headers: { ...POST.headers, accept: "text/event-stream" } });
    const events = [];
    for await (const { event } of eventsOf(stream)) events.push(event);
    expect(events).toEqual(["accepted", "passages", answer.kind === "abstained" ? "abstained" : "answer"]);

    const { apiPid } = stack(tiny.home);
    process.kill(apiPid, "SIGKILL");
    await expect.poll(() => stack(tiny.home).apiPid, { timeout: 60_000 }).not.toBeOneOf([apiPid, 0]);
    expect(said()).toMatch(/^The API ended \(SIGKILL\); starting it again in 1 s\. Its log: .*api\.log$/m);
    expect(await (await fetch(`${url}/v1/asks/${answer.id}`)).json()).toEqual(answer);

    await remembers(url, answer);

    const last = stack(tiny.home).apiPid;
    child.kill("SIGTERM");
    expect(await gone).toBe(0);
    expect(isAlive(last)).toBe(false);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect((await winnowJson<Status>(tiny.home, ["status"])).api).toBeNull();
    await expect.poll(() => leftovers(tiny.home), { timeout: 5000 }).toEqual([]);
  }, 300_000);

  it("leaves nothing behind when it is stopped while the API starts, or while an answer is followed", async () => {
    const starting = startWinnow(tiny.home, ["serve"]);
    await expect.poll(starting.said, { timeout: 120_000, interval: 20 }).toContain("Workers ready");
    starting.child.kill("SIGINT");
    expect(await starting.gone).toBe(130);
    await expect.poll(() => leftovers(tiny.home), { timeout: 5000 }).toEqual([]);

    const { child, gone, url } = await serve();
    const stream = await fetch(`${url}/v1/ask`, { ...POST, headers: { ...POST.headers, accept: "text/event-stream" } });
    child.kill("SIGTERM");
    await stream.text().catch(() => {});
    expect(await gone).toBe(0);
    await expect.poll(() => leftovers(tiny.home), { timeout: 5000 }).toEqual([]);
  }, 300_000);

  it("takes the next port if 8090 is taken, and its API ends with a command that is killed", async () => {
    const holder = createServer();
    const isHeld = new Promise<boolean>((settle) => {
      holder.once("error", () => settle(true)).listen(8090, "127.0.0.1", () => settle(true));
    });
    await isHeld;
    try {
      const { child, gone, url } = await serve();
      expect(Number(new URL(url).port)).toBeGreaterThan(8090);
      const { apiPid } = stack(tiny.home);
      child.kill("SIGKILL");
      await gone;
      await expect.poll(() => isAlive(apiPid), { timeout: 20_000 }).toBe(false);
    } finally {
      holder.close();
    }
  }, 300_000);

  it("refuses a port that is taken, and an address off loopback without a token, before or after it starts", async () => {
    const holder = createServer();
    const port = await freePort();
    await new Promise<void>((settle) => void holder.listen(port, "127.0.0.1", settle));
    try {
      const taken = await winnow(tiny.home, ["serve", "--port", `${port}`]);
      expect(taken).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/The API did not start: cannot listen on/),
      });
      const open = await winnow(tiny.home, ["serve", "--host", "0.0.0.0"]);
      expect(open).toMatchObject({ code: 2, stderr: expect.stringMatching(/set WINNOW_HTTP_TOKENS/) });
      expect(open.stderr).not.toContain("Temporal server at");
    } finally {
      holder.close();
    }
  }, 300_000);
});
