import { expect, test } from "vitest";
import type { Release } from "../storage/releases.ts";
import { createEnginePool, type EngineService } from "./enginePool.ts";

const release = (id: string) => ({ id, manifest: { corpus: "docs" } }) as Release;
const tick = () => new Promise((settle) => setTimeout(settle, 5));

function pool(limit = 2, idleMs: number | null = null) {
  const opened: string[] = [];
  const closed: string[] = [];
  const dead = new Set<string>();
  const broken = new Set<string>();
  const most = { held: 0 };
  let held = 0;
  const open = async ({ id }: Release): Promise<EngineService> => {
    most.held = Math.max(most.held, ++held);
    await tick();
    if (broken.has(id)) {
      held--;
      throw new Error(`${id} is corrupt`);
    }
    opened.push(id);
    return {
      request: (async () => id) as unknown as EngineService["request"],
      alive: () => !dead.has(id),
      close: async () => {
        await tick();
        held--;
        closed.push(id);
        dead.delete(id);
      },
    };
  };
  return { opened, closed, dead, broken, most, engines: createEnginePool(open, limit, idleMs) };
}

test("questions at once share one engine of their release", async () => {
  const { engines, opened } = pool();
  const used = await Promise.all([1, 2, 3].map((n) => engines.use(release("a"), async () => n)));
  expect(used).toEqual([1, 2, 3]);
  expect(opened).toEqual(["a"]);
});

test("a third release replaces the least recently used one", async () => {
  const { engines, opened, closed } = pool();
  for (const id of ["a", "b", "a", "c"]) await engines.use(release(id), async () => {});
  expect(opened).toEqual(["a", "b", "c"]);
  expect(closed).toEqual(["b"]);
});

test("a busy engine is never closed: the next release waits for it", async () => {
  const { engines, closed } = pool(1);
  let finish = () => {};
  const first = engines.use(release("a"), () => new Promise<void>((settle) => (finish = settle)));
  await tick();
  await tick();
  const second = engines.use(release("b"), async () => "b");
  await tick();
  expect(closed).toEqual([]);
  finish();
  await first;
  expect(await second).toBe("b");
  expect(closed).toEqual(["a"]);
});

test.each([1, 2])("with room for %d, more releases than that at once each get their turn", async (limit) => {
  const { engines, opened, most } = pool(limit);
  const ids = ["a", "b", "c"].slice(0, limit + 1);
  const used = await Promise.all(
    [...ids, ...ids].map((id) => engines.use(release(id), async (engine) => engine.alive() && id)),
  );
  expect(used).toEqual([...ids, ...ids]);
  expect(opened).toEqual(ids);
  expect(most.held).toBe(limit);
});

test("a release that cannot be opened fails all questions that wait for it, and makes room for the next", async () => {
  const { engines, opened, broken } = pool(1);
  broken.add("bad");
  const ends = await Promise.allSettled(["bad", "bad", "b"].map((id) => engines.use(release(id), async () => id)));
  expect(ends.map((end) => (end.status === "fulfilled" ? end.value : end.reason.message))).toEqual([
    "bad is corrupt",
    "bad is corrupt",
    "b",
  ]);
  expect(opened).toEqual(["b"]);
});

test("a question cancelled while it waits leaves at once, and its release is not loaded for nothing", async () => {
  const { engines, opened } = pool(1);
  let finish = () => {};
  const first = engines.use(release("a"), () => new Promise<void>((settle) => (finish = settle)));
  const question = new AbortController();
  const second = engines.use(release("b"), async () => "b", question.signal);
  await tick();
  question.abort();
  await expect(second).rejects.toMatchObject({ code: "Cancelled" });
  finish();
  await first;
  await tick();
  expect(opened).toEqual(["a"]);
});

test("a release keeps loading for the others if one question is cancelled", async () => {
  const { engines, opened, closed } = pool(1);
  const question = new AbortController();
  const first = engines.use(release("a"), async () => "first", question.signal);
  const second = engines.use(release("a"), async () => "second");
  question.abort();
  await expect(first).rejects.toMatchObject({ code: "Cancelled" });
  expect(await second).toBe("second");
  expect([opened, closed]).toEqual([["a"], []]);
  expect(await engines.use(release("b"), async () => "b")).toBe("b");
});

test("an engine whose process died is loaded again", async () => {
  const { engines, opened, dead } = pool();
  await engines.use(release("a"), async () => {});
  dead.add("a");
  await engines.use(release("a"), async () => {});
  expect(opened).toEqual(["a", "a"]);
});

test("an engine that cannot be opened fails the question, and the next one tries again", async () => {
  let attempts = 0;
  const engines = createEnginePool(async () => {
    attempts++;
    throw new Error("corrupt");
  });
  for (let n = 0; n < 2; n++) await expect(engines.use(release("a"), async () => {})).rejects.toThrow("corrupt");
  expect(attempts).toBe(2);
});

test("a release is loaded beside the serving one before a question needs it, if there is room for both", async () => {
  const { engines, opened, closed } = pool();
  await engines.use(release("a"), async () => {});
  await engines.warm(release("b"));
  expect(engines.loaded()).toEqual([
    { corpus: "docs", release: "a" },
    { corpus: "docs", release: "b" },
  ]);
  await engines.use(release("b"), async () => {});
  expect([opened, closed]).toEqual([["a", "b"], []]);
  const single = pool(1);
  await single.engines.use(release("a"), async () => {});
  await single.engines.warm(release("b"));
  expect(single.opened).toEqual(["a"]);
});

test("an engine is closed once no task used it for a while, and never while one does", async () => {
  const { engines, opened, closed } = pool(2, 40);
  const pause = (ms: number) => new Promise((settle) => setTimeout(settle, ms));
  await engines.use(release("a"), async () => {});
  await engines.use(release("a"), () => pause(100));
  expect(closed).toEqual([]);
  await pause(100);
  expect([closed, engines.loaded()]).toEqual([["a"], []]);
  await engines.use(release("a"), async () => {});
  expect(opened).toEqual(["a", "a"]);
});
