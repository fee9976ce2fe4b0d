import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { thisProcess } from "../core/storage/lock/lockHolder.ts";
import { freePort } from "../tests/ports.ts";
import { claimPort } from "./portClaims.ts";

/** Above the largest PID of Linux. */
const ENDED = 2 ** 22 + 1;
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "winnow-ports-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

async function claimed(port: number, pid: number): Promise<void> {
  mkdirSync(join(cache, "ports"), { recursive: true });
  writeFileSync(join(cache, "ports", `${port}`), JSON.stringify({ ...(await thisProcess()), pid, began: null }));
}

it("a free port is claimed with the process that may use it, again and again", async () => {
  const port = await freePort();
  expect([await claimPort(cache, port), await claimPort(cache, port)]).toEqual([port, port]);
  expect(JSON.parse(readFileSync(join(cache, "ports", `${port}`), "utf8"))).toEqual(await thisProcess());
});

it("of two that choose in the same moment, one gets the port", async () => {
  const port = await freePort();
  const race = claimPort(cache, port);
  await claimed(port, process.ppid);
  expect(await race).not.toBe(port);
});

it("a port of a live process is left to it while nothing listens there", async () => {
  const port = await freePort();
  await claimed(port, process.ppid);
  expect(await claimPort(cache, port)).not.toBe(port);
});

it("a claim ends with its process", async () => {
  const [port, other] = [await freePort(), await freePort()];
  await claimed(port, ENDED);
  await claimed(other, ENDED);
  expect(await claimPort(cache, port)).toBe(port);
  expect(readdirSync(join(cache, "ports"))).toEqual([`${port}`]);
});

it("damaged claims and a cache that cannot be written keep no port from being chosen", async () => {
  const port = await freePort();
  mkdirSync(join(cache, "ports"));
  writeFileSync(join(cache, "ports", `${port}`), "{");
  expect(await claimPort(cache, port)).toBe(port);
  writeFileSync(join(cache, "a file"), "");
  expect(await claimPort(join(cache, "a file"), port)).toBe(port);
});
