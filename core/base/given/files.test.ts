import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, test } from "vitest";
import { folderDigest } from "../folderDigest.ts";
import { givenDigest } from "./digest.ts";
import { givenChunks, liesBelow, listGiven, lookAt, readGiven, readGivenText } from "./files.ts";
import { oddPlaces } from "./testing/oddPlaces.ts";
import { GivenThread, Unreadable } from "./threads.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "winnow-given-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe("a file named in an input", () => {
  test.each(oddPlaces(folder, "read.jsonl"))("%s is refused without a wait", async (path, why) => {
    const started = performance.now();
    await expect(readGivenText(path, { maxBytes: 1000 })).rejects.toThrow(why);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("twenty pipes leave every thread of file operations free", async () => {
    const pipes = Array.from({ length: 20 }, (_, i) => join(folder, `pipe${i}`));
    execFileSync("mkfifo", pipes);
    const reads = await Promise.allSettled(pipes.map((pipe) => readGiven(pipe, { maxBytes: 10 })));
    expect(reads.every(({ status }) => status === "rejected")).toBe(true);
    expect(await readFile(file("small", "text"), "utf8")).toBe("text");
  });

  test("is read whole, byte by byte as it is, through links and in pieces", async () => {
    const bytes = Buffer.alloc(9_000_000, "0123456789abcdef");
    const path = file("large", bytes);
    symlinkSync(path, join(folder, "linked"));
    expect((await readGiven(join(folder, "linked"), { maxBytes: 9_000_000 })).equals(bytes)).toBe(true);
    const sizes: number[] = [];
    for await (const chunk of givenChunks(path, { maxBytes: 1e9 })) sizes.push(chunk.length);
    expect([sizes.length > 1, sizes.reduce((sum, size) => sum + size, 0)]).toEqual([true, 9_000_000]);
    expect((await readGiven(file("empty", ""), { maxBytes: 1 })).length).toBe(0);
    expect(await readGivenText(file("bom", "\ufeffé"), { maxBytes: 9 })).toBe("é");
  });

  test("is refused above its size, also where the size shows only while it is read", async () => {
    await expect(readGiven(file("nine", "123456789"), { maxBytes: 8 })).rejects.toThrow(/more than the 0 MB/);
    await expect(readGiven("/proc/self/smaps", { maxBytes: 100 })).rejects.toThrow(/more than the 0 MB/);
  });

  test("a link is no file where links are not followed", async () => {
    symlinkSync(file("target", "x"), join(folder, "not-followed"));
    await expect(readGiven(join(folder, "not-followed"), { maxBytes: 9, follow: false })).rejects.toThrow(/symbolic/);
  });

  test("reading leaves no file open", async () => {
    const path = file("opened", "a".repeat(5_000_000));
    for (let i = 0; i < 20; i++) {
      for await (const chunk of givenChunks(path, { maxBytes: 1e9 })) if (chunk.length > 0) break;
      await expect(readGiven(path, { maxBytes: 10 })).rejects.toThrow(Unreadable);
    }
    const next = openSync(path, "r");
    closeSync(next);
    expect(next).toBeLessThan(100);
  });
});

test("a step that never ends, as on a dead mount, is given up in time; later ones go on with another thread", async () => {
  const stuck = new Worker("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)", { eval: true });
  const thread = new GivenThread(stuck, 200);
  await expect(thread.ask("look", { path: "/dead/mount" })).rejects.toThrow(/did not answer within 0.2 s/);
  expect(await readGivenText(file("after", "goes on"), { maxBytes: 100 })).toBe("goes on");
});

test("places lie below a folder once links are resolved, and not below one with the same beginning", async () => {
  mkdirSync(join(folder, "root", "in"), { recursive: true });
  mkdirSync(join(folder, "root-too"));
  symlinkSync(join(folder, "root-too"), join(folder, "root", "out"));
  const below = async (path: string) => liesBelow((await lookAt(path))!, [join(folder, "root")]);
  expect(await below(join(folder, "root", "in"))).toBe(true);
  expect(await below(join(folder, "root"))).toBe(true);
  expect(await below(join(folder, "root-too"))).toBe(false);
  expect(await below(join(folder, "root", "out"))).toBe(false);
});

test("a folder is listed with the kinds of its entries, up to a number", async () => {
  const place = join(folder, "listed");
  mkdirSync(join(place, "sub"), { recursive: true });
  writeFileSync(join(place, "a"), "");
  symlinkSync("a", join(place, "b"));
  execFileSync("mkfifo", [join(place, "c")]);
  const entries = (await listGiven(place, 10)).map(({ name, kind }) => `${name} ${kind}`).sort();
  expect(entries).toEqual(["a file", "b link", "c pipe", "sub folder"]);
  await expect(listGiven(place, 3)).rejects.toThrow(/more than 3 entries/);
});

test("the digest of a question set is that of its bytes; of a folder, of names and bytes", async () => {
  expect(await givenDigest(file("digested", "abc"))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  expect(await givenDigest(join(folder, "listed"))).toBe(await folderDigest(join(folder, "listed")));
  const pipe = join(folder, "listed", "c");
  await expect(givenDigest(pipe)).rejects.toMatchObject({ code: "BadInput", message: expect.stringContaining(pipe) });
});
