import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Faults } from "./harness.ts";

const MINUTE = 60_000;
const QUESTIONS = 10_000;
const AT_ONCE = 16;
/** After the first tenth, everything is loaded and all caches are full. */
const WARM = QUESTIONS / 10;
const GROWTH_MB = 100;

let faults: Faults;
beforeAll(async () => {
  faults = new Faults();
  await faults.startServer();
});
afterAll(() => faults?.end());

/** Resident memory of a process and its children, in MB. */
function residentMb(pid: number): number {
  const pages = (id: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0);
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children].reduce((sum, id) => sum + pages(id), 0) / 1024;
}

// About 10 minutes on two cores. The engine is that of `tasks.ts`: the test watches everything that a worker keeps of a
// question.
test(
  "10,000 questions through Temporal: every one answered, and the memory of worker and engine stays flat",
  async () => {
    const worker = await faults.startWorker();
    await (await faults.startPipeline({}, 0.5)).result();
    let asked = 0;
    let unanswered = 0;
    const measured: number[] = [];
    const loop = async () => {
      while (asked < QUESTIONS) {
        asked++;
        if (asked % WARM === 0) measured.push(residentMb(worker.pid!));
        const { result } = await faults.ask(`what does Job ${asked} do?`);
        if (result?.kind !== "extractive") unanswered++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, loop));
    expect(unanswered).toBe(0);
    console.log(`Resident memory by the thousand, in MB: ${measured.map(Math.round).join(" ")}`);
    expect(Math.max(...measured.slice(1)) - measured[0]!).toBeLessThan(GROWTH_MB);
  },
  60 * MINUTE,
);
