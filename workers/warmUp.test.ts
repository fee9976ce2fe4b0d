import { expect, test, vi } from "vitest";
import { createEnginePool, type EngineService } from "../core/serving/enginePool.ts";
import type { Promotion, Release } from "../core/storage/releases.ts";
import { keepWarm } from "./warmUp.ts";

const release = (id: string) => ({ id, manifest: { corpus: "docs" } }) as Release;

test("a new champion of a corpus with questions is loaded once, before the next question", async () => {
  let champion = "a";
  const opened: string[] = [];
  const engines = createEnginePool(async ({ id }) => {
    opened.push(id);
    return { alive: () => true, close: async () => {} } as unknown as EngineService;
  });
  const looked = vi.fn(async () => ({ release: champion }) as Promotion);
  const stop = keepWarm({ releases: { champion: looked, read: async (id) => release(id) }, engines }, 5);
  await engines.use(release("a"), async () => {});
  await expect.poll(() => looked.mock.calls.length).toBeGreaterThan(1);
  expect(opened).toEqual(["a"]);
  champion = "b";
  await expect.poll(() => opened).toEqual(["a", "b"]);
  const asked = looked.mock.calls.length;
  await expect.poll(() => looked.mock.calls.length).toBeGreaterThan(asked + 2);
  expect(opened).toEqual(["a", "b"]);
  stop();
});

test("nothing is polled before the first question", async () => {
  const looked = vi.fn(async () => null);
  const engines = createEnginePool(async () => ({}) as EngineService);
  const stop = keepWarm({ releases: { champion: looked, read: async (id) => release(id) }, engines }, 1);
  await new Promise((settle) => setTimeout(settle, 30));
  expect(looked).not.toHaveBeenCalled();
  stop();
});
