import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { thisProcess } from "../core/storage/lock/lockHolder.ts";
import { liveStack, makeRunFolder, realHome, removeStack, type StackInfo, writeStack } from "./stackFile.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function freshHome(): { home: string } {
  const home = mkdtempSync(join(tmpdir(), "winnow-stack-"));
  ends.push(() => rmSync(home, { recursive: true, force: true }));
  makeRunFolder({ home });
  return { home };
}

/** A process with the arguments of a server on the database of `home`. */
async function server({ home }: { home: string }, port: number): Promise<number> {
  const args = ["--port", `${port}`, "--db-filename", join(home, "run", "temporal.db"), "--namespace", "default"];
  const child = spawn(process.execPath, ["-e", 'console.log("up"); setInterval(() => {}, 1000)', "--", ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  ends.push(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child.pid!;
}

async function stackOf(config: { home: string }, changes: Partial<StackInfo> = {}): Promise<StackInfo> {
  const owner = await thisProcess();
  const served = { address: "127.0.0.1:7233", uiUrl: null, serverPid: await server(config, 7233), workerPid: 1 };
  return { ...served, apiUrl: null, apiPid: null, ownerPid: owner.pid, owner, home: realHome(config), ...changes };
}

it("is believed while its owner lives and its server runs on this home's database", async () => {
  const config = freshHome();
  expect(await liveStack(config)).toBeNull();
  const info = await stackOf(config);
  writeStack(config, info);
  expect(await liveStack(config)).toEqual(info);
  removeStack(config);
  expect(await liveStack(config)).toBeNull();
});

it.each([
  ["the server of another home", async (other: { home: string }) => ({ serverPid: await server(other, 7233) })],
  ["an address that the server does not serve", async () => ({ address: "127.0.0.1:7234" })],
  ["a process that is no server", async () => ({ serverPid: process.pid })],
  ["an owner whose PID another process has now", async () => ({ owner: { ...(await thisProcess()), began: "1" } })],
  ["a folder it was copied from", async (other: { home: string }) => ({ home: realHome(other) })],
  ["no owner, as written by an older version", async () => ({ owner: undefined as never })],
])("is not believed if it names %s", async (_, changes) => {
  const [config, other] = [freshHome(), freshHome()];
  writeStack(config, await stackOf(config, await changes(other)));
  expect(await liveStack(config)).toBeNull();
});

it("a damaged file is none", async () => {
  const config = freshHome();
  for (const text of ["", "{", "null", "[]", '"text"', '{"owner": 3}']) {
    writeFileSync(join(config.home, "run", "stack.json"), text);
    expect(await liveStack(config)).toBeNull();
  }
});

it("the folder is made below missing ones; a home that cannot be made is named at once", () => {
  const { home } = freshHome();
  makeRunFolder({ home: join(home, "a", "b", "c") });
  makeRunFolder({ home: join(home, "a", "b", "c") });
  writeFileSync(join(home, "file"), "");
  mkdirSync(join(home, "dir", "run"), { recursive: true });
  makeRunFolder({ home: join(home, "dir") });
  for (const wrong of ["/proc", "/proc/1/nothing", "/dev/null", join(home, "file"), join(home, "file", "below")])
    expect(() => makeRunFolder({ home: wrong })).toThrow(/^WINNOW_HOME: the folder .* cannot be used: /);
});
