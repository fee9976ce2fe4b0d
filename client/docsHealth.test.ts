import { expect, test } from "vitest";
import { type AskedQuestion, askedQuestions } from "./askedQuestions.ts";
import { changeInWords } from "./decisions.ts";
import { bounded, refusedGroups } from "./docsHealth.ts";
import { webUiOf } from "./runDetails.ts";

const asked = (question: string, heading: string | null, count = 1): AskedQuestion => ({
  ...{ question, count, last: "2026-02-01T00:00:00Z", kind: "abstained", corpus: "k8s", release: "r1" },
  closest: heading === null ? null : { page: "jobs.md", heading: [heading], url: "/jobs" },
  ...{ pages: [], workflowId: `ask-${question}` },
});

test("refused questions are grouped by the section that came closest, the most asked first", () => {
  const groups = refusedGroups([
    asked("a", "Jobs"),
    asked("b", null, 2),
    asked("c", "CronJobs"),
    asked("d", "Jobs", 3),
  ]);
  expect(groups.map(({ closest, questions, asked }) => [closest?.heading[0], questions.length, asked])).toEqual([
    ["Jobs", 2, 4],
    [undefined, 1, 2],
    ["CronJobs", 1, 1],
  ]);
});

test("a list shows its first 50 entries and their number", () => {
  const all = Array.from({ length: 70 }, (_, i) => i);
  expect(bounded(all)).toEqual({ shown: all.slice(0, 50), total: 70 });
});

test("a change of champion is a sentence with who, what, when and why", () => {
  const entry = {
    corpus: "k8s",
    release: "b2",
    ref: { uri: "", sha256: "", bytes: 0 },
    replaced: "a1",
    workflow: null,
  };
  const by = { by: "dana", at: "2026-02-01T10:30:00.000Z", reason: "worse answers." };
  expect(changeInWords({ ...entry, ...by, kind: "rollback" })).toBe(
    "dana went back to release b2 at 2026-02-01 10:30 UTC, because: worse answers.",
  );
  expect(changeInWords({ ...entry, ...by, kind: "promotion" })).toMatch(/^dana made release b2 the champion at /);
});

test("an address in the Web UI holds the id as one part of its path", () => {
  expect(webUiOf("http://ui.test/", "default", "a/b?c")).toBe("http://ui.test/namespaces/default/workflows/a%2Fb%3Fc");
});

test("records that cannot be read are counted apart from the questions that were read", async () => {
  const { read, hidden, unreadable } = await askedQuestions(null, {}, { answers: [], hidden: 2, more: false });
  expect({ read, hidden, unreadable }).toEqual({ read: 0, hidden: 0, unreadable: 2 });
});
