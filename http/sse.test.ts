import { Hono } from "hono";
import { afterEach, expect, test, vi } from "vitest";
import type { Env } from "./protocol.ts";
import { eventStream, type ServerEvent } from "./sse.ts";

afterEach(() => {
  vi.useRealTimers();
});

function stream(events: AsyncIterable<ServerEvent>, leave = () => {}) {
  const app = new Hono<Env>().get("/", (c) => eventStream(c, events, leave));
  return app.request("/");
}

test("events are written as they come, and nothing on the way may hold them back", async () => {
  const response = await stream(
    (async function* () {
      yield { event: "token", data: '{"text":"a\\nb"}' };
      yield { data: "[DONE]" };
    })(),
  );
  expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  expect(await response.text()).toBe('event: token\ndata: {"text":"a\\nb"}\n\ndata: [DONE]\n\n');
});

test("a comment keeps a silent stream open every 15 s", async () => {
  vi.useFakeTimers();
  let end = () => {};
  const response = await stream(
    (async function* () {
      await new Promise<void>((settle) => {
        end = settle;
      });
      yield { data: "late" };
    })(),
  );
  await vi.advanceTimersByTimeAsync(31_000);
  end();
  expect(await response.text()).toBe(":\n\n:\n\ndata: late\n\n");
});

test("a client that leaves is reported once, and what comes later goes nowhere", async () => {
  let more = () => {};
  const gone = vi.fn(() => more());
  const events = (async function* () {
    yield { data: "first" };
    await new Promise<void>((settle) => {
      more = settle;
    });
    yield { data: "unseen" };
  })();
  const response = await stream(events, gone);
  const reader = response.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("data: first\n\n");
  await reader.cancel();
  expect(gone).toHaveBeenCalledTimes(1);
  expect(await events.next()).toMatchObject({ done: true });
});
