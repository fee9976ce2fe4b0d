import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openReleases } from "./releases.ts";
import type { Failpoint } from "./storage.ts";
import { openStore } from "./store.ts";
import { testManifest as manifest } from "./testing/testManifest.ts";

function open(failpoint?: Failpoint) {
  const home = mkdtempSync(join(tmpdir(), "winnow-releases-"));
  return { home, releases: openReleases(home, openStore(home), failpoint) };
}

const by = { by: "pipeline-1", reason: "first release" };

test("a release is read by a prefix of its id", async () => {
  const { releases } = open();
  const release = await releases.commit(manifest("k8s", "2025-01-01"));
  expect((await releases.read(release.id.slice(0, 5))).manifest.corpus).toBe("k8s");
  expect(release.id).toMatch(/^[0-9a-f]{12}$/);
  for (const id of ["ffff", "../x", ""])
    await expect(releases.read(id)).rejects.toMatchObject({ code: "UnknownRelease" });
});

test("a promotion happens only while the expected champion serves", async () => {
  const { releases } = open();
  const [first, second, third] = await Promise.all(
    ["1", "2", "3"].map((day) => releases.commit(manifest("k8s", `2025-01-0${day}`))),
  );
  expect(await releases.champion("k8s")).toBeNull();
  await releases.promote(first!, { ...by, expected: null });
  await releases.promote(second!, { ...by, expected: first!.id });
  await expect(releases.promote(third!, { ...by, expected: first!.id })).rejects.toMatchObject({
    code: "PromotionConflict",
  });
  expect((await releases.champion("k8s"))?.release).toBe(second!.id);
  expect((await releases.ledger()).map((entry) => [entry.release, entry.replaced])).toEqual([
    [first!.id, null],
    [second!.id, first!.id],
  ]);
});

test("when twenty promote at once, exactly one wins, and the ledger has one entry", async () => {
  const { releases } = open();
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, n) => releases.commit(manifest("k8s", `2025-01-${n + 10}`))),
  );
  const outcomes = await Promise.allSettled(all.map((release) => releases.promote(release, { ...by, expected: null })));
  const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.release] : []));
  expect(won).toHaveLength(1);
  for (const outcome of outcomes)
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "PromotionConflict" });
  expect((await releases.ledger("k8s")).map(({ release }) => release)).toEqual(won);
});

test("promoting the champion again changes nothing, so a retry of the activity is safe", async () => {
  const { releases } = open();
  const release = await releases.commit(manifest("k8s", "2025-01-01"));
  await releases.promote(release, { ...by, expected: null });
  await releases.promote(release, { ...by, expected: null });
  expect(await releases.ledger()).toHaveLength(1);
});

test("a run that retries after a lost reply does not promote again, so later decisions stand", async () => {
  const { releases } = open();
  const [first, second] = await Promise.all(
    ["1", "2"].map((day) => releases.commit(manifest("k8s", `2025-01-0${day}`))),
  );
  await releases.promote(first!, { ...by, expected: null, run: "run-1" });
  const asked = { ...by, expected: first!.id, run: "run-2" };
  const done = await releases.promote(second!, asked);
  await releases.promote(first!, { ...by, expected: second!.id, kind: "rollback", run: "run-3" });
  expect(await releases.promote(second!, asked)).toEqual(done);
  expect((await releases.champion("k8s"))?.release).toBe(first!.id);
  // Another run, or a change without a run, may promote it again.
  await releases.promote(second!, { ...asked, run: "run-4" });
  await releases.promote(first!, { ...by, expected: second!.id });
  await releases.promote(second!, { ...by, expected: first!.id });
  expect((await releases.ledger("k8s")).map(({ run }) => run ?? null)).toEqual([
    "run-1",
    "run-2",
    "run-3",
    "run-4",
    null,
    null,
  ]);
});

test("of many promotions at once, one wins and the others conflict", async () => {
  const { releases } = open();
  const all = await Promise.all([...Array(8).keys()].map((n) => releases.commit(manifest("k8s", `2025-01-1${n}`))));
  const outcomes = await Promise.allSettled(all.map((release) => releases.promote(release, { ...by, expected: null })));
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
  expect(await releases.ledger()).toHaveLength(1);
});

test("of two who promote one release in the same moment, both end well, and the ledger has one entry", async () => {
  const waiting: (() => void)[] = [];
  const { releases } = open((name) => {
    if (name !== "champion.before-link") return;
    return new Promise<void>((go) => {
      waiting.push(go);
      if (waiting.length === 2) for (const next of waiting) next();
    });
  });
  const release = await releases.commit(manifest("k8s", "2025-01-01"));
  const people = ["Ada", "Bob"].map((name) => releases.promote(release, { ...by, by: name, expected: null }));
  const [first, second] = await Promise.all(people);
  expect(second).toEqual(first);
  expect(await releases.ledger()).toEqual([first]);
});

test("without a corpus, the champion is that of the corpus promoted last", async () => {
  const { releases } = open();
  await releases.promote(await releases.commit(manifest("a", "2025-01-01")), { ...by, expected: null });
  await new Promise((settle) => setTimeout(settle, 5));
  await releases.promote(await releases.commit(manifest("b", "2025-01-02")), { ...by, expected: null });
  expect((await releases.champion())?.corpus).toBe("b");
  expect((await releases.list()).map((summary) => [summary.corpus, summary.champion])).toEqual([
    ["b", true],
    ["a", true],
  ]);
});

test("a crash around the compare-and-swap leaves the old or the new champion, never half of one", async () => {
  for (const at of ["champion.before-link", "champion.after-link"] as const) {
    let armed = false;
    const { home, releases } = open((name) => {
      if (armed && name === at) throw new Error("crash");
    });
    const old = await releases.commit(manifest("k8s", "2025-01-01"));
    const fresh = await releases.commit(manifest("k8s", "2025-01-02"));
    await releases.promote(old, { ...by, expected: null });
    armed = true;
    await expect(releases.promote(fresh, { ...by, expected: old.id })).rejects.toThrow("crash");
    const champion = await releases.champion("k8s");
    expect(champion?.release).toBe(at === "champion.before-link" ? old.id : fresh.id);
    expect((await releases.ledger()).at(-1)).toEqual(champion);
    expect(readdirSync(join(home, "champions", "k8s")).every((name) => /^\d{6}\.json$/.test(name))).toBe(true);
  }
});
