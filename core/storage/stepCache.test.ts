import { mkdtempSync, readdirSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStepCache, type StepParts, stepKey } from "./stepCache.ts";

const parts: StepParts = {
  stage: "train",
  inputs: { ingest: "a".repeat(64), embedder: "b".repeat(64) },
  options: { seed: 17, strict: false },
  code: "c1",
};
const open = () => openStepCache(mkdtempSync(join(tmpdir(), "winnow-steps-")));

test("a recorded result is found by equal parts, whatever the order of their keys", async () => {
  const steps = open();
  await steps.record("k8s", parts, { summary: "done" });
  const same = { ...parts, options: { strict: false, seed: 17 } };
  expect((await steps.find(same))?.output).toEqual({ summary: "done" });
  expect(stepKey(same)).toBe(stepKey(parts));
});

test("the reason for a run names each part that differs from the corpus's last run", async () => {
  const steps = open();
  expect(await steps.explain("k8s", parts)).toBe("first run of train for this corpus");
  await steps.record("k8s", parts, {});
  const changed = {
    ...parts,
    inputs: { ...parts.inputs, ingest: "d" },
    options: { seed: 18, strict: false },
    code: "c2",
  };
  expect(await steps.explain("k8s", changed)).toBe(
    "ingest changed; option seed changed from 17 to 18; the stage's code changed",
  );
  expect(await steps.explain("other", changed)).toBe("first run of train for this corpus");
});

test("a record truncated by a crash counts as absent", async () => {
  const home = mkdtempSync(join(tmpdir(), "winnow-steps-"));
  const steps = openStepCache(home);
  await steps.record("k8s", parts, {});
  const name = readdirSync(join(home, "steps", "train")).find((entry) => entry.endsWith(".json"))!;
  truncateSync(join(home, "steps", "train", name), 20);
  expect(await steps.find(parts)).toBeNull();
});

test("a corpus's last run is found regardless of its parts", async () => {
  const steps = open();
  await steps.record("k8s", parts, { n: 1 });
  await steps.record("k8s", { ...parts, code: "c2" }, { n: 2 });
  expect((await steps.latest<{ n: number }>("k8s", "train"))?.output.n).toBe(2);
  expect(await steps.latest("k8s", "train", "shard-2")).toBeNull();
});
