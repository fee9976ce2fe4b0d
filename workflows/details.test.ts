import { expect, test } from "vitest";
import { type RunState, runDetails } from "./details.ts";

const STATE: RunState = {
  ...{ corpus: "handbook", docs: "/srv/docs", current: "embed", note: "12 of 40", last: "deploy", paused: false },
  reports: [{ name: "ingest", skipped: false, why: "first run", seconds: 3.26, summary: "77 pages | 383 passages" }],
  models: { embedder: null, reranker: null },
  ...{ waiting: null, source: null, changes: null, first: null, plan: null, place: null },
};

test("the details of a run have a row a stage, with the running one's note", () => {
  const lines = runDetails(STATE).split("\n");
  expect(lines[0]).toBe("Corpus **handbook** from `/srv/docs`");
  expect(lines).toContain("| ingest | done | 3.3 | 77 pages / 383 passages (first run) |");
  expect(lines).toContain("| embed | running | | 12 of 40 |");
  expect(lines.at(-1)).toBe("| deploy | | | |");
});

test("they name what serves before measuring, what a run waits for, and the report once it exists", () => {
  const first = { release: "231ed99c1d7c", why: "first release, not measured yet" };
  const place = "/srv/winnow/artifacts/evaluate/ab/report.html";
  const text = runDetails({ ...STATE, first, place, waiting: "The store does not answer." });
  expect(text).toMatch(/^\*\*Waiting\.\*\* The store does not answer\.\n/);
  expect(text).toContain("Served release `231ed99c1d7c` before measuring: first release, not measured yet.");
  expect(text.endsWith(`\n\nReport: \`${place}\``)).toBe(true);
  expect(runDetails(STATE)).not.toContain("Report:");
});

test("they name the chosen models with the start of their digests, and no others", () => {
  const artifact = { uri: "", sha256: "0123456789abcdef".repeat(4), bytes: 1 };
  const models = { embedder: { name: "BAAI/bge-small-en-v1.5", artifact }, reranker: null };
  const [about] = runDetails({ ...STATE, models }).split("\n");
  expect(about).toBe("Corpus **handbook** from `/srv/docs`, embedder `BAAI/bge-small-en-v1.5` (0123456789ab)");
});
