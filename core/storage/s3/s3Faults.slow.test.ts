import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateMultipartUploadCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { manifest, promotion, publish, s3Machines } from "../../../tests/s3/machines.ts";
import type { Release } from "../releases.ts";
import { openBucket, partSize } from "./s3Bucket.ts";

const { here, server, settings, machine, behind, after } = s3Machines();

describe.skipIf(!here)("an artifact that is damaged in the bucket", () => {
  const damages: Record<string, (file: (name: string) => string) => void> = {
    "a file with other bytes": (file) => writeFileSync(file("a"), "wrong"),
    "a longer file": (file) => appendFileSync(file("a"), "!"),
    "a missing file": (file) => rmSync(file("a")),
    "a manifest with other bytes": (file) => appendFileSync(file("manifest.json"), "\n"),
  };
  test.each(Object.keys(damages))("is repaired by publishing it again: %s", async (damage) => {
    const s3 = settings();
    const proxy = await behind(() => "pass");
    const one = await machine({ ...s3, endpoint: proxy.endpoint });
    const files = { a: "right", b: "as it was" };
    const ref = await publish(one, files);
    damages[damage]!((name) => join(server().folder, s3.prefix, "artifacts", "ingest", ref.sha256, name));
    await expect((await machine(s3)).store.resolve(ref)).rejects.toMatchObject({ code: "CorruptArtifact" });
    proxy.seen.length = 0;
    expect(await publish(one, files)).toEqual(ref);
    const sent = proxy.seen.filter((line) => line.startsWith("PUT"));
    expect(sent).toEqual([expect.stringContaining(damage.startsWith("a manifest") ? "/manifest.json?" : "/a?")]);
    const folder = await (await machine(s3)).store.resolve(ref);
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("right");
  });

  test("is considered neither intact nor damaged by a publication that cannot read it", async () => {
    const s3 = settings();
    const ref = await publish(await machine(s3), { a: "right" });
    const cut = await behind((path, method) => (method === "GET" && path.includes("/a?") ? "truncate" : "pass"));
    const other = await machine({ ...s3, endpoint: cut.endpoint });
    await expect(publish(other, { a: "right" })).rejects.toMatchObject({ code: "StoreUnavailable" });
    expect(cut.seen.filter((line) => line.startsWith("PUT"))).toEqual([]);
    await (await machine(s3)).store.verify(ref);
  });
});

describe.skipIf(!here)("a conditional write that conflicts with another one (409)", () => {
  test("is retried: a conflict does not show whether the object exists", async () => {
    const s3 = settings();
    let met = 0;
    const busy = await behind((path, method) =>
      method === "PUT" && path.includes("/champions/") && met++ < 2 ? "409" : "pass",
    );
    const { releases } = await machine({ ...s3, endpoint: busy.endpoint });
    const release = await releases.commit(manifest("docs", 1));
    await releases.promote(release, promotion(null));
    expect(met).toBe(3);
    expect((await (await machine(s3)).releases.champion("docs"))?.release).toBe(release.id);
  });

  test("is an outage if it always conflicts, and nothing is promoted", async () => {
    const s3 = settings();
    const busy = await behind((path, method) => (method === "PUT" && path.includes("/champions/") ? "409" : "pass"));
    const { releases } = await machine({ ...s3, endpoint: busy.endpoint });
    const promoting = releases.promote(await releases.commit(manifest("docs", 1)), promotion(null));
    await expect(promoting).rejects.toMatchObject({ code: "StoreUnavailable" });
    expect(await releases.ledger("docs")).toEqual([]);
  }, 60_000);
});

describe.skipIf(!here)("a connection that stays open and silent", () => {
  test.each(["hang", "stall"] as const)(
    "times out as an outage: %s",
    async (silence) => {
      const s3 = settings();
      const ref = await publish(await machine(s3), { a: "x".repeat(100_000) });
      const silent = await behind((path) => (path.includes("/a?") ? silence : "pass"));
      const other = await machine({ ...s3, endpoint: silent.endpoint, silentMs: 300 });
      const began = performance.now();
      await expect(other.store.resolve(ref)).rejects.toMatchObject({ code: "StoreUnavailable" });
      const asked = silent.seen.filter((line) => line.includes("/a?")).length;
      expect(asked).toBe(silence === "hang" ? 5 : 3);
      const seconds = (performance.now() - began) / 1000;
      expect(seconds).toBeGreaterThan(0.3 * asked);
      expect(seconds).toBeLessThan(20);
    },
    60_000,
  );
});

describe.skipIf(!here)("unfinished uploads", () => {
  test("are aborted, whatever their number", async () => {
    const s3 = settings();
    const client = new S3Client({ region: s3.region, endpoint: s3.endpoint!, forcePathStyle: true });
    after(() => client.destroy());
    const begin = (n: number) =>
      client.send(new CreateMultipartUploadCommand({ Bucket: s3.bucket, Key: `${s3.prefix}/artifacts/embed/${n}` }));
    for (let n = 0; n < 1010; n += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => begin(n + i)));
    const bucket = openBucket(s3);
    after(bucket.close);
    const later = new Date(Date.now() + 60_000);
    expect(await bucket.abortUploads("artifacts/", new Date(Date.now() - 60_000))).toBe(0);
    expect(await bucket.abortUploads("artifacts/", later)).toBe(1010);
    expect(await bucket.abortUploads("artifacts/", later)).toBe(0);
  }, 120_000);
});

describe.skipIf(!here)("the requests of a question to the bucket", () => {
  test("are one once its release was read, however many releases and promotions exist", async () => {
    const s3 = settings();
    const proxy = await behind(() => "pass");
    const writer = await machine(s3);
    const made: Release[] = [];
    for (let n = 1; n <= 5; n++) made.push(await writer.releases.commit(manifest("docs", n)));
    const change = (n: number) => ({ ...promotion(made[n - 1]?.id ?? null), kind: "promotion" as const });
    for (const n of [0, 1, 2]) await writer.releases.promote(made[n]!, change(n));
    const { releases } = await machine({ ...s3, endpoint: proxy.endpoint });
    const ask = async () => {
      proxy.seen.length = 0;
      const champion = (await releases.champion("docs"))!.release;
      // Once for parsing the question, once for answering it.
      for (let place = 0; place < 2; place++) expect((await releases.read(champion)).id).toBe(champion);
      return { champion, asked: proxy.seen.length };
    };
    expect((await ask()).champion).toBe(made[2]!.id);
    expect(await ask()).toEqual({ champion: made[2]!.id, asked: 1 });
    await writer.releases.promote(made[3]!, change(3));
    const { champion, asked } = await ask();
    expect(champion).toBe(made[3]!.id);
    // The ledger, its new entry, the list of releases, and the manifest and file of the new one.
    expect(asked).toBeLessThanOrEqual(6);
    expect((await ask()).asked).toBe(1);
  });
});

test("a file is sent in at most 10,000 parts, of the requested size if possible", () => {
  const [mb, tb] = [2 ** 20, 2 ** 40];
  expect(partSize(17 * mb, 16 * mb)).toBe(16 * mb);
  expect(partSize(160_000 * mb, 16 * mb)).toBe(16 * mb);
  expect(Math.ceil(tb / partSize(tb, 16 * mb))).toBe(10_000);
});
