import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readingOf } from "../config/reading.ts";
import { readArtifacts } from "../config/settings/bucket.ts";
import { artifactPlace } from "./artifactPlace.ts";

const ref = { uri: `winnow:evaluate/${"a".repeat(64)}` };
const home = mkdtempSync(join(tmpdir(), "winnow-place-"));
const report = join(home, "artifacts", "evaluate", "a".repeat(64), "report.html");

test("an artifact of a folder lies in it", () => {
  expect(artifactPlace({ home, artifacts: null }, ref, "report.html")).toBe(report);
  expect(artifactPlace({ home, artifacts: null }, ref)).toBe(join(report, ".."));
});

test("an artifact in a bucket is its URL until this machine has a copy", () => {
  const artifacts = readArtifacts(readingOf({ WINNOW_ARTIFACTS: "s3://docs/winnow" }));
  const place = () => artifactPlace({ home, artifacts }, ref, "report.html");
  expect(place()).toBe(`s3://docs/winnow/artifacts/evaluate/${"a".repeat(64)}/report.html`);
  mkdirSync(join(report, ".."), { recursive: true });
  writeFileSync(report, "");
  expect(place()).toBe(report);
});
