import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { expect, test } from "vitest";
import { QUEUES } from "../contracts/names.ts";
import { versionOf } from "../core/docs/fetchedDocs.ts";
import { sourceDigest } from "../core/docs/sourceDigest.ts";
import { SiteServer } from "../core/docs/website/testing/siteServer.ts";
import type { IngestInput } from "../core/stages/ingest.ts";
import { isRetryable } from "./failures.ts";
import { createStageActivities } from "./runStage.ts";
import { contextOver } from "./testing/stageContext.ts";

test("docs that change during reading are read again, so the digest matches the pages", async () => {
  const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
  const page = join(docs, "a.md");
  writeFileSync(page, "# One\n");
  const edits = ["# Two\n"];
  const { context, store, artifact } = contextOver(async (_, args) => {
    writeFileSync(join((args as { outDir: string }).outDir, "passages.jsonl"), "{}\n");
    const edit = edits.pop();
    if (edit) writeFileSync(page, edit);
    return { pages: 1, passages: 1, quarantined: 0 };
  });
  const { ingest } = createStageActivities(QUEUES.cpu, context);
  const source = { kind: "folder" as const, version: (await sourceDigest(docs)).digest };
  const embedder = await artifact("model", { "config.json": "{}" });
  const mode = { force: false, cachedOnly: false };
  const input: IngestInput = { corpus: "k8s", docs: { path: docs }, source, embedder, reranker: embedder, mode };
  const attempt = () => new MockActivityEnvironment().run(() => ingest(input)) as unknown as ReturnType<typeof ingest>;
  await expect(attempt()).rejects.toMatchObject({ code: "SourceUnavailable", message: expect.stringContaining(docs) });
  expect(isRetryable("SourceUnavailable")).toBe(true);
  expect(await store.list("ingest")).toEqual([]);
  const { facts, skipped } = await attempt();
  expect([facts.digest, skipped]).toEqual([(await sourceDigest(docs)).digest, false]);
  expect(facts.digest).not.toBe(source.version);
});

test("the summary of a site counts what became of its pages", async () => {
  const site = await new SiteServer().start();
  try {
    site.page("/a.html", "A");
    site.list({ "/a.html": null, "/gone.html": null });
    const { context, artifact } = contextOver(
      async (_, args) => {
        writeFileSync(join((args as { outDir: string }).outDir, "passages.jsonl"), "{}\n");
        return { pages: 1, passages: 1, quarantined: 0 };
      },
      { sites: { origins: [site.origin], pauseMs: 1, maxPages: 9 } },
    );
    const path = `${site.origin}/sitemap.xml`;
    const source = await versionOf(context, path, { signal: new AbortController().signal });
    const embedder = await artifact("model", { "config.json": "{}" });
    const mode = { force: false, cachedOnly: false };
    const input: IngestInput = { corpus: "k8s", docs: { path }, source, embedder, reranker: embedder, mode };
    const { ingest } = createStageActivities(QUEUES.cpu, context);
    const { summary } = await (new MockActivityEnvironment().run(() => ingest(input)) as ReturnType<typeof ingest>);
    expect(summary).toBe("1 pages, 1 passages; visit of the site: 1 new, 1 gone");
  } finally {
    await site.stop();
  }
});

test("docs that change between the cache key and the reading are read again, too", async () => {
  const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
  const page = join(docs, "a.md");
  writeFileSync(page, "# One\n");
  const { context, store, artifact } = contextOver(async (_, args) => {
    writeFileSync(join((args as { outDir: string }).outDir, "passages.jsonl"), "{}\n");
    return { pages: 1, passages: 1, quarantined: 0 };
  });
  const changing = {
    ...store,
    draft: async (stage: string) => {
      writeFileSync(page, "# Two\n");
      return store.draft(stage);
    },
  };
  const embedder = await artifact("model", { "config.json": "{}" });
  const { ingest } = createStageActivities(QUEUES.cpu, { ...context, store: changing });
  const source = { kind: "folder" as const, version: (await sourceDigest(docs)).digest };
  const mode = { force: false, cachedOnly: false };
  const input: IngestInput = { corpus: "k8s", docs: { path: docs }, source, embedder, reranker: embedder, mode };
  const attempt = () => new MockActivityEnvironment().run(() => ingest(input));
  await expect(attempt()).rejects.toMatchObject({ code: "SourceUnavailable" });
  expect(await store.list("ingest")).toEqual([]);
});
