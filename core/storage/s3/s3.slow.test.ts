import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { manifest, promotion, publish, s3Machines } from "../../../tests/s3/machines.ts";
import { CREDENTIALS } from "../../../tests/s3/server.ts";
import { openBucket } from "./s3Bucket.ts";

const { here, server, settings, machine, behind, after } = s3Machines();

describe.skipIf(!here)("artifacts in a bucket", () => {
  test("a second machine reads a published artifact byte for byte, and caches it", async () => {
    const s3 = settings();
    const ref = await publish(await machine(s3), { "passages.jsonl": "one\n", "ü b.txt": "zwei" });
    const other = await machine(s3);
    const folder = await other.store.resolve(ref);
    expect(folder.startsWith(other.home)).toBe(true);
    expect(readFileSync(join(folder, "ü b.txt"), "utf8")).toBe("zwei");
    expect(await other.store.list("ingest")).toEqual([ref]);
    rmSync(join(server().folder, s3.prefix), { recursive: true });
    expect(await other.store.resolve(ref)).toBe(folder);
  });

  test("verification reads the bucket's copy, not a cached one", async () => {
    const s3 = settings();
    const first = await machine(s3);
    const ref = await publish(first, { "passages.jsonl": "one\n" });
    const file = join(server().folder, s3.prefix, "artifacts", "ingest", ref.sha256, "passages.jsonl");
    const other = await machine(s3);
    await other.store.verify(ref);
    expect(existsSync(join(other.home, "artifacts", "ingest", ref.sha256))).toBe(false);
    writeFileSync(file, "two\n");
    for (const { store } of [first, other])
      await expect(store.verify(ref)).rejects.toThrow(
        /passages\.jsonl does not match its SHA-256 [0-9a-f]{64} after 3 attempts/,
      );
    rmSync(file);
    await expect(first.store.verify(ref)).rejects.toThrow(/passages\.jsonl is missing/);
    await expect(first.store.verify({ ...ref, uri: "winnow:../x" })).rejects.toThrow(/not a reference of this store/);
  });

  test("a file of many parts is stored whole; the same content is sent only once", async () => {
    const s3 = settings({ partBytes: 5 * 2 ** 20 });
    const vectors = randomBytes(12 * 2 ** 20 + 1);
    const proxy = await behind(() => "pass");
    const first = await machine({ ...s3, endpoint: proxy.endpoint });
    const ref = await publish(first, { "vectors.f32": vectors }, "embed");
    expect(proxy.seen.filter((line) => line.includes("partNumber="))).toHaveLength(3);
    const puts = () => proxy.seen.filter((line) => line.startsWith("PUT")).length;
    const count = puts();
    expect(await publish(first, { "vectors.f32": vectors }, "embed")).toEqual(ref);
    expect(puts()).toBe(count);
    const folder = await (await machine(s3)).store.resolve(ref);
    expect(readFileSync(join(folder, "vectors.f32")).equals(vectors)).toBe(true);
  });

  test("an artifact without a manifest does not exist; the files of a dead writer are swept", async () => {
    const s3 = settings();
    const one = await machine(s3);
    const ref = await publish(one, { a: "1" });
    const key = `artifacts/ingest/${ref.sha256}`;
    rmSync(join(server().folder, s3.prefix, key, "manifest.json"));
    const other = await machine(s3);
    await expect(other.store.resolve(ref)).rejects.toMatchObject({ code: "CorruptArtifact" });
    expect(await other.store.list("ingest")).toEqual([]);
    expect(await other.store.sweep(60_000)).toBe(0);
    expect(await other.store.sweep(-60_000)).toBe(1);
    expect(existsSync(join(server().folder, s3.prefix, key, "a"))).toBe(false);
  });

  test("above its limit the cache evicts the least recently used artifacts, and fetches them again", async () => {
    const s3 = settings({ cacheBytes: 250_000 });
    const one = await machine(s3);
    const refs = [];
    for (const n of [1, 2, 3]) {
      refs.push(await publish(one, { a: randomBytes(100_000) }));
      const long = new Date(Date.now() - (10 - n) * 3600_000);
      utimesSync(join(one.home, "artifacts", "ingest", refs.at(-1)!.sha256), long, long);
    }
    const cached = () => readdirSync(join(one.home, "artifacts", "ingest")).filter((name) => !name.startsWith("."));
    await one.store.resolve(refs[1]!);
    expect(cached().sort()).toEqual([refs[1]!.sha256, refs[2]!.sha256].sort());
    expect(existsSync(join(await one.store.resolve(refs[0]!), "a"))).toBe(true);
  });
});

describe.skipIf(!here)("the ledger in a bucket", () => {
  test("when twenty machines promote at once, exactly one wins and all read the same", async () => {
    const s3 = settings();
    const machines = await Promise.all(Array.from({ length: 20 }, () => machine(s3)));
    const releases = await Promise.all(machines.map(({ releases: all }, n) => all.commit(manifest("docs", n % 10))));
    const outcomes = await Promise.allSettled(
      machines.map(({ releases: all }, n) => all.promote(releases[n]!, promotion(null))),
    );
    const winners = new Set(outcomes.flatMap((out) => (out.status === "fulfilled" ? [out.value.release] : [])));
    expect(winners.size).toBe(1);
    for (const out of outcomes)
      if (out.status === "rejected") expect(out.reason).toMatchObject({ code: "PromotionConflict" });
    const champions = await Promise.all(machines.map(({ releases: all }) => all.champion("docs")));
    expect(new Set(champions.map((champion) => champion?.release))).toEqual(winners);
  });

  test("a promotion whose reply was lost counts once", async () => {
    const s3 = settings();
    let lost = 0;
    const proxy = await behind((path, method) =>
      method === "PUT" && path.includes("/champions/") && lost++ === 0 ? "lose" : "pass",
    );
    const one = await machine({ ...s3, endpoint: proxy.endpoint });
    const release = await one.releases.commit(manifest("docs", 1));
    await one.releases.promote(release, promotion(null));
    expect(lost).toBeGreaterThan(1);
    expect(await one.releases.ledger("docs")).toHaveLength(1);
  });

  test("other machines find the result of a stage", async () => {
    const s3 = settings();
    const parts = { stage: "ingest", inputs: { docs: "d1" }, options: {}, code: "c1" };
    await (await machine(s3)).steps.record("docs", parts, { pages: 3 });
    const other = await machine(s3);
    expect((await other.steps.find(parts))?.output).toEqual({ pages: 3 });
    expect(await other.steps.explain("docs", { ...parts, code: "c2" })).toBe("the stage's code changed");
  });
});

describe.skipIf(!here)("faults of the store", () => {
  test("503 is retried; a store that stays down is a retryable error", async () => {
    const s3 = settings();
    let refused = 0;
    const flaky = await behind(() => (refused++ % 2 === 0 ? "503" : "pass"));
    const ref = await publish(await machine({ ...s3, endpoint: flaky.endpoint }), { a: "1" });
    const down = await behind(() => "503");
    const other = await machine({ ...s3, endpoint: down.endpoint });
    await expect(other.store.resolve(ref)).rejects.toMatchObject({ code: "StoreUnavailable" });
    expect(down.seen).toHaveLength(5);
  }, 60_000);

  test("a truncated GET is fetched again; one that is always truncated fails and leaves nothing", async () => {
    const s3 = settings();
    const ref = await publish(await machine(s3), { a: "x".repeat(100_000) });
    let cut = 0;
    const once = await behind((path) => (path.includes("/a?") && cut++ === 0 ? "truncate" : "pass"));
    const folder = await (await machine({ ...s3, endpoint: once.endpoint })).store.resolve(ref);
    expect(readFileSync(join(folder, "a"), "utf8")).toHaveLength(100_000);
    expect(cut).toBe(2);
    const always = await behind((path) => (path.includes("/a?") ? "truncate" : "pass"));
    const other = await machine({ ...s3, endpoint: always.endpoint });
    const began = performance.now();
    await expect(other.store.resolve(ref)).rejects.toMatchObject({
      code: "StoreUnavailable",
      message: expect.stringMatching(/\/a broke off, 3 times/),
    });
    // A quarter of a second, then one second: this leaves a lost connection time to come back.
    expect(performance.now() - began).toBeGreaterThan(1200);
    expect(readdirSync(join(other.home, "artifacts", "ingest"))).toEqual([]);
  });

  test("bytes that differ from the digest are rejected by name and digest, and an intact copy replaces them", async () => {
    const s3 = settings();
    const ref = await publish(await machine(s3), { a: "right" });
    const lying = await behind((path) => (path.includes("/a?") ? "corrupt" : "pass"));
    const other = await machine({ ...s3, endpoint: lying.endpoint });
    await expect(other.store.resolve(ref)).rejects.toMatchObject({
      code: "CorruptArtifact",
      message: expect.stringMatching(/\/a does not match its SHA-256 [0-9a-f]{64} after 3 attempts/),
    });
    const sound = await machine(s3);
    const folder = await sound.store.resolve(ref);
    writeFileSync(join(folder, "a"), "wrong");
    expect(readFileSync(join(await sound.store.resolve(ref), "a"), "utf8")).toBe("right");
  });

  test("a failed multipart upload leaves no parts behind, and that of a dead writer is swept", async () => {
    const s3 = settings({ partBytes: 5 * 2 ** 20 });
    const broken = await behind((path) =>
      path.includes("partNumber=2") ? { redirect: "http://169.254.169.254/" } : "pass",
    );
    const one = await machine({ ...s3, endpoint: broken.endpoint });
    await expect(publish(one, { a: randomBytes(11 * 2 ** 20) })).rejects.toMatchObject({ code: "StorageFailed" });
    const bucket = openBucket(s3);
    after(bucket.close);
    const later = new Date(Date.now() + 60_000);
    expect(await bucket.abortUploads("artifacts/", later)).toBe(0);
    const dying = await behind((path, method) =>
      path.includes("partNumber=2") ? { redirect: "/" } : method === "DELETE" ? "reset" : "pass",
    );
    const two = await machine({ ...s3, endpoint: dying.endpoint });
    await expect(publish(two, { a: randomBytes(11 * 2 ** 20) })).rejects.toMatchObject({ code: "StorageFailed" });
    expect(await bucket.abortUploads("artifacts/", later)).toBe(1);
  }, 60_000);

  test("redirects are not followed, and errors of credentials or buckets name the fix", async () => {
    const s3 = settings();
    const elsewhere = await behind(() => "pass");
    const away = await behind(() => ({ redirect: elsewhere.endpoint }));
    const one = await machine({ ...s3, endpoint: away.endpoint });
    await expect(one.releases.champion()).rejects.toMatchObject({
      code: "StorageFailed",
      message: /redirects are not/,
    });
    expect(elsewhere.seen).toEqual([]);
    const none = await machine({ ...s3, bucket: "nowhere" });
    await expect(none.releases.champion()).rejects.toMatchObject({ message: expect.stringMatching(/no such bucket/) });
    process.env.AWS_SECRET_ACCESS_KEY = "wrong";
    const stranger = await machine(s3);
    await expect(stranger.releases.champion()).rejects.toMatchObject({
      code: "StorageFailed",
      message: expect.stringMatching(/refuses the credentials/),
    });
    process.env.AWS_SECRET_ACCESS_KEY = CREDENTIALS.AWS_SECRET_ACCESS_KEY;
  });
});
