import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { approvalId, QUEUES } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import type { ApprovalResult, ChampionResult, PromoteInput, RollbackInput } from "../../contracts/release.ts";
import { elements, field } from "../../http/testing/html.ts";
import { kill } from "./harness.ts";
import { ServedApi } from "./servedApi.ts";

const CORPUS = "faults";
const api = new ServedApi();
const { faults } = api;
let worker: ChildProcess;
let first: string;
let second: string;

beforeAll(async () => {
  await faults.startServer();
  worker = await faults.startWorker();
  const result = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
  first = result.release!;
  second = await anotherRelease("2026-01-02");
  await api.serve();
});
afterAll(() => api.close());

/** A release of the same artifacts under another digest. */
async function anotherRelease(createdAt: string): Promise<string> {
  const { manifest } = await faults.releases.read(first);
  return (await faults.releases.commit({ ...manifest, createdAt })).id;
}

async function change(
  type: "promote" | "rollback",
  input: Partial<PromoteInput & RollbackInput>,
): Promise<ChampionResult> {
  const client = await faults.client();
  const workflowId = `${type}-${randomUUID().slice(0, 8)}`;
  return client.workflow.execute(type, { workflowId, taskQueue: QUEUES.main, args: [input] });
}

async function failureOf(work: Promise<unknown>): Promise<{ type?: string; message: string }> {
  let failure = await work.then(
    () => new Error("it did not fail"),
    (error) => error,
  );
  while (failure.cause instanceof Error) failure = failure.cause;
  return failure;
}

const served = async () => (await faults.ask("what does a Job do?", CORPUS)).result?.receipt.release;

test("the next question is answered by the promoted release, and after a rollback by the one before", async () => {
  expect(await served()).toBe(first);
  const by = "dana";
  expect(await change("promote", { release: second, by, reason: "try it" })).toMatchObject({
    kind: "promotion",
    replaced: first,
    changed: true,
  });
  expect(await served()).toBe(second);
  expect(await change("rollback", { corpus: CORPUS, by, reason: "worse answers" })).toMatchObject({
    release: first,
    replaced: second,
  });
  expect(await served()).toBe(first);
  const ledger = await faults.releases.ledger(CORPUS);
  expect(ledger.map((entry) => [entry.kind, entry.release, entry.replaced, entry.by])).toMatchObject([
    ["promotion", first, null, expect.stringMatching(/^pipeline-/)],
    ["promotion", second, first, by],
    ["rollback", first, second, by],
  ]);
  expect(ledger.map(({ workflow }) => workflow?.split("-")[0])).toEqual(["pipeline", "promote", "rollback"]);
  expect(await failureOf(change("rollback", { corpus: CORPUS }))).toMatchObject({
    type: "UnknownRelease",
    message: expect.stringMatching(/no champion to go back to/),
  });
});

test("a manual run waits for a person; once approved, its release serves, and the ledger names the person", async () => {
  const manual = { docs: { path: faults.docs, name: "manual" }, gate: "manual", training: { budgetMinutes: 0.01 } };
  const result = (await (await faults.startPipeline(manual)).result()) as PipelineResult;
  expect(result).toMatchObject({ status: "completed", promoted: false, approval: approvalId("manual") });
  expect(await faults.releases.champion("manual")).toBeNull();
  const waiting = (await faults.client()).workflow.getHandle(approvalId("manual"));
  const decision = { by: "dana", reason: "read the report" };
  const decided = await waiting.executeUpdate<ApprovalResult, [object]>("approve", { args: [decision] });
  expect(decided).toMatchObject({ outcome: "approved", release: result.release });
  expect(await faults.releases.champion("manual")).toMatchObject({
    ...decision,
    release: result.release,
    kind: "promotion",
    workflow: approvalId("manual"),
  });
});

test("a serving release is not promoted again", async () => {
  const before = await faults.releases.ledger(CORPUS);
  expect(await change("promote", { release: first })).toMatchObject({ changed: false });
  expect(await faults.releases.ledger(CORPUS)).toEqual(before);
});

test("a decision that assumes another champion changes nothing", async () => {
  const failure = await failureOf(change("promote", { release: second, expected: second }));
  expect(failure).toMatchObject({ type: "PromotionConflict", message: expect.stringContaining(first) });
  expect((await faults.releases.champion(CORPUS))?.release).toBe(first);
});

test.each([
  ["promote", { release: "ffff" }, "UnknownRelease", /ffff matches no release/],
  ["promote", { releases: "ffff" }, "BadInput", /release: .*"releases"/],
  ["rollback", { corpus: "nowhere" }, "UnknownRelease", /nowhere has never had a champion/],
] as const)("%s %j fails once with the reason", async (type, input, code, message) => {
  const failure = await failureOf(change(type, input as object));
  expect(failure).toMatchObject({ type: code, message: expect.stringMatching(message) });
});

test("a rollback to a release that never served is refused", async () => {
  const never = await anotherRelease("2026-01-03");
  expect((await failureOf(change("rollback", { corpus: CORPUS, to: never }))).message).toMatch(
    /never served faults.*promote/,
  );
});

describe("two people who decide at once on the page", () => {
  const form = (path: string, fields: Record<string, string>) =>
    fetch(`${api.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", origin: api.url, accept: "text/html" },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
  const page = async (path: string) => (await fetch(`${api.url}${path}`, { headers: { accept: "text/html" } })).text();
  /** Submits the forms at the same time. Returns the replies: the successful one first, then the refused one. */
  const atOnce = async (sent: { path: string; action: string; by: string }[]) => {
    const seen = await Promise.all(
      sent.map(async ({ path }) => {
        const html = await page(path);
        return { expected: field(html, "expected")!, key: field(html, "key")! };
      }),
    );
    const answers = sent.map(async ({ path, action, by }, at) => {
      const response = await form(path, { action, by, reason: `${by} has read it`, ...seen[at]! });
      return { status: response.status, place: response.headers.get("location"), text: await response.text() };
    });
    return (await Promise.all(answers)).sort((a, b) => a.status - b.status);
  };

  test("for different releases: one is promoted, and the second person is told who promoted it", async () => {
    const [one, two] = [await anotherRelease("2026-02-02"), await anotherRelease("2026-02-03")];
    const before = await faults.releases.ledger(CORPUS);
    const [won, lost] = await atOnce([
      { path: `/releases/${one}`, action: "promote", by: "dana" },
      { path: `/releases/${two}`, action: "promote", by: "eve" },
    ]);
    const ledger = await faults.releases.ledger(CORPUS);
    expect(ledger).toHaveLength(before.length + 1);
    const { by, release } = ledger.at(-1)!;
    expect(won).toMatchObject({ status: 303, place: `/releases/${release}?done=promote` });
    expect(await page(won!.place!)).toContain(`${by} made release ${release} the champion`);
    expect(lost!.status).toBe(409);
    expect(lost!.text).toContain(`Nothing was changed`);
    expect(lost!.text).toContain(`${by} made release ${release} the champion at `);
  });

  test("for the same release: the ledger has one entry more, and the second person reads who went back to it", async () => {
    const back = (await faults.releases.ledger(CORPUS)).at(-2)!.release;
    const path = `/releases/${back}`;
    const answers = await atOnce(["dana", "eve"].map((by) => ({ path, action: "rollback", by })));
    const { by, kind, release } = (await faults.releases.ledger(CORPUS)).at(-1)!;
    expect([kind, release]).toEqual(["rollback", back]);
    const places = answers.map(({ status, place }) => (status === 303 ? place : status));
    // The second form may have arrived before the first was carried out, or after.
    expect(places).toContain(`${path}?done=rollback`);
    for (const { status, text, place } of answers.filter(({ place }) => place !== `${path}?done=rollback`))
      expect(status === 409 ? text : await page(place!)).toContain(`${by} went back to release ${back}`);
    expect(answers.filter(({ place }) => place === `${path}?done=rollback`)).toHaveLength(1);
  });

  test("for a waiting candidate: one person decides, and the other is told what was decided", async () => {
    const input = { docs: { path: faults.docs, name: "on-page" }, gate: "manual", training: { budgetMinutes: 0.01 } };
    const run = await faults.startPipeline(input);
    const { release } = (await run.result()) as PipelineResult;
    const path = `/releases/${release}`;
    await expect.poll(() => page(path), { timeout: 20_000 }).toContain("Approve this candidate");
    expect(await page("/releases")).toContain("waits for a person since");
    const [won, lost] = await atOnce([
      { path, action: "approve", by: "dana" },
      { path, action: "reject", by: "eve" },
    ]);
    expect(won!.status).toBe(303);
    expect(lost!.status).toBe(409);
    const approved = won!.place!.endsWith("done=approve");
    expect(lost!.text).toContain(`${approved ? "approved by dana" : "rejected by eve"} already, because: `);
    expect((await faults.releases.champion("on-page"))?.by).toBe(approved ? "dana" : undefined);
    expect(elements(await page(`/runs/${run.workflowId}`), "li", "stage")).toHaveLength(6);
  });

  test("a refused question is listed under Docs health, with a link to its receipt", async () => {
    const id = (await faults.ask("how are tulips planted?", CORPUS)).handle.workflowId;
    await expect.poll(() => page("/docs-health?corpus=faults"), { timeout: 20_000 }).toContain(`href="/asks/${id}"`);
    const html = await page("/docs-health?corpus=faults");
    expect(elements(html, "h3").map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^Nothing was found \d+ times?/),
    );
  });

  test("a run is followed on its page until it is cancelled there", async () => {
    const { workflowId } = await faults.startPipeline({ force: ["train"] }, 60);
    const path = `/runs/${workflowId}`;
    await expect
      .poll(() => page(path), { timeout: 30_000 })
      .toMatch(/aria-current="step"><p class="head"><strong>train/);
    expect((await fetch(`${api.url}${path}`)).headers.get("refresh")).toBe("5");
    expect(await page("/runs")).toContain(`href="${path}"`);
    expect(
      (await form(path, { action: "cancel", key: field(await page(`${path}?still&cancel`), "key")! })).status,
    ).toBe(303);
    await expect.poll(() => page(path), { timeout: 30_000 }).toContain('<span class="badge bad">cancelled</span>');
    expect(elements(await page(path), "li", "stopped").map(({ text }) => text)).toEqual([
      expect.stringMatching(/^train/),
    ]);
    expect((await fetch(`${api.url}${path}`)).headers.get("refresh")).toBeNull();
    expect((await fetch(`${api.url}/runs/none`)).status).toBe(404);
  });
});

test.each([
  ["", "as many releases loaded as there is memory for"],
  ["1", "one release loaded at a time"],
])(
  "20 promotions under a loop of questions, WINNOW_ENGINES=%s, %s: every answer names one release, and none fails",
  async (engines) => {
    expect(await kill(worker, "SIGTERM")).toBe(0);
    worker = await faults.startWorker({ WINNOW_ENGINES: engines });
    let going = true;
    const answers: (string | undefined)[] = [];
    const loop = async () => {
      while (going) answers.push(await served());
    };
    const loops = Promise.all([loop(), loop()]);
    for (let turn = 0; turn < 20; turn++) await change("promote", { release: turn % 2 === 0 ? second : first });
    going = false;
    await loops;
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.filter((release) => release !== first && release !== second)).toEqual([]);
    expect(new Set(answers).size).toBe(2);
  },
  240_000,
);

test("a release with damaged artifacts is refused with the file, and the champion keeps serving", async () => {
  const { manifest } = await faults.releases.read(first);
  const damaged = await faults.store.draft("train");
  const train = await faults.store.commit(damaged, "train");
  const broken = await faults.releases.commit({ ...manifest, train, createdAt: "2026-01-04" });
  truncateSync(join(await faults.store.resolve(train), "manifest.json"), 5);
  const failure = await failureOf(change("promote", { release: broken.id }));
  expect(failure).toMatchObject({ type: "CorruptArtifact", message: expect.stringContaining("manifest.json") });
  expect(await served()).toBe(first);
});
