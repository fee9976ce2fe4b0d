import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Faults } from "./harness.ts";

let faults: Faults;
beforeAll(async () => {
  faults = new Faults();
  await faults.startServer();
  await faults.startWorker({ WINNOW_QUESTIONS_WAITING: "3" });
  await (await faults.startPipeline({}, 0.5)).result();
});
afterAll(() => faults?.end());

test("questions beyond the running and waiting ones are refused at once; the others are answered", async () => {
  const file = join(faults.folder, "go");
  const refused: (string | undefined)[] = [];
  const asked = Array.from({ length: 9 }, async () => {
    const outcome = await faults.ask(`what is held until ${file} ?`);
    if (outcome.failure) refused.push(`${outcome.failure.type}: ${outcome.failure.message}`);
    return outcome;
  });
  await expect.poll(() => refused.length, { timeout: 60_000 }).toBe(4);
  for (const message of refused)
    expect(message).toMatch(/^Busy: .*3 questions are already waiting\. Try again in \d+ s\.$/);
  writeFileSync(file, "");
  const answered = (await Promise.all(asked)).filter(({ result }) => result?.kind === "extractive");
  expect(answered).toHaveLength(5);
  expect((await faults.ask("what does a Job do?")).result).toMatchObject({ kind: "extractive" });
});
