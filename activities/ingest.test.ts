import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { expect, test } from "vitest";
import { sourceDigest } from "../core/docs/sourceDigest.ts";
import type { CodeVersions } from "../core/stages/codeVersion.ts";
import { stateFolder } from "../core/upkeep/testing/homeFixture.ts";
import { isRetryable } from "./failures.ts";
import { createIngestActivities, type IngestInput } from "./ingest.ts";
import type { StageDeps } from "./stageRunner.ts";

test("docs that change while they are read are read again: no digest names pages of another moment", async () => {
  const { home, store, steps } = stateFolder();
  const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
  const page = join(docs, "a.md");
  writeFileSync(page, "# One\n");
  const model = join(home, "model");
  mkdirSync(model);
  const edits = ["# Two\n"];
  const compute = async (_: string, { outDir }: { outDir: string }) => {
    writeFileSync(join(outDir, "passages.jsonl"), "{}\n");
    const edit = edits.pop();
    if (edit) writeFileSync(page, edit);
    return { pages: 1, passages: 1, quarantined: 0 };
  };
  const { ingest } = createIngestActivities({
    ...{ home, store, steps, root: home, gitEnv: {} },
    compute: compute as never,
    code: { ingest: "1" } as CodeVersions,
    models: { embedder: model, base: model },
  } as StageDeps & { root: string; gitEnv: Record<string, string> });
  const source = { kind: "folder" as const, version: (await sourceDigest(docs)).digest };
  const input: IngestInput = { corpus: "k8s", docs: { path: docs }, source, mode: { force: false, cachedOnly: false } };
  const attempt = () => new MockActivityEnvironment().run(() => ingest(input)) as unknown as ReturnType<typeof ingest>;
  await expect(attempt()).rejects.toMatchObject({ code: "SourceUnavailable", message: expect.stringContaining(docs) });
  expect(isRetryable("SourceUnavailable")).toBe(true);
  expect(await store.list("ingest")).toEqual([]);
  const { facts, skipped } = await attempt();
  expect([facts.digest, skipped]).toEqual([(await sourceDigest(docs)).digest, false]);
  expect(facts.digest).not.toBe(source.version);
});
