import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { openStorage, type Storage } from "../../core/storage/openStorage.ts";
import type { S3Settings } from "../../core/storage/s3/bucketUrl.ts";
import { testManifest } from "../../core/storage/testing/testManifest.ts";
import { CREDENTIALS, canServeS3, type Fault, type S3Server, startProxy, startS3 } from "./server.ts";

export type Machine = Storage & { home: string };

/** An S3 server for the tests of a file, and machines that share only the server. */
export function s3Machines() {
  let server: S3Server;
  const homes: string[] = [];
  const closing: (() => void)[] = [];
  const before = { ...process.env };
  const here = canServeS3();
  beforeAll(async () => {
    if (!here) return;
    server = await startS3();
    Object.assign(process.env, CREDENTIALS);
  }, 600_000);
  afterEach(async () => {
    for (const close of closing.splice(0)) close();
    await Promise.all(homes.splice(0).map((home) => rm(home, { recursive: true, force: true })));
  });
  afterAll(async () => {
    process.env = before;
    await server?.stop();
  });

  return {
    /** False if the server is unavailable. */
    here,
    server: () => server,
    /** Closes a resource after the test. */
    after: (close: () => void) => void closing.push(close),
    /** Settings with an own prefix in the server's bucket. */
    settings: (more: Partial<S3Settings> = {}): S3Settings => ({
      bucket: "winnow",
      prefix: randomUUID(),
      endpoint: server.endpoint,
      region: "us-east-1",
      cacheBytes: 2 ** 30,
      ...more,
    }),
    /** Storage over the bucket, with an empty home. */
    async machine(s3: S3Settings): Promise<Machine> {
      const home = await mkdtemp(join(tmpdir(), "winnow-machine-"));
      homes.push(home);
      return { home, ...(await openStorage(home, s3)) };
    },
    /** A proxy in front of the server that breaks requests as `choose` specifies. */
    async behind(choose: (path: string, method: string) => Fault) {
      const proxy = await startProxy(server.endpoint, ({ url = "", method = "" }) => choose(url, method));
      closing.push(proxy.stop);
      return proxy;
    },
  };
}

export async function publish({ store }: Machine, files: Record<string, string | Buffer>, stage = "ingest") {
  const draft = await store.draft(stage);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(draft, name), content);
  return store.commit(draft, stage);
}

export const promotion = (expected: string | null) => ({ expected, by: "test", reason: "better" });

/** The manifest of a release that differs from others by `n`. */
export const manifest = (corpus: string, n: number) => testManifest(corpus, `2026-11-23T0${n}:00:00Z`);
