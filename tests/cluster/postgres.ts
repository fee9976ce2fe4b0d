import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { kill } from "../faults/harness.ts";

/** Starts a PostgreSQL server on loopback, with the superuser `temporal`. */
export async function startPostgres(programs: string, folder: string, port: number): Promise<() => Promise<void>> {
  mkdirSync(folder);
  const owner = unprivileged();
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const options = { ...owner, cwd: folder, stdio: "ignore" as const };
  execFileSync(join(programs, "initdb"), ["-D", data, "-U", "temporal", "--auth=trust", "-E", "UTF8"], options);
  const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200"];
  const server = spawn(join(programs, "postgres"), ["-D", data, "-p", `${port}`, "-k", folder, ...settings], options);
  await listening(port, server);
  return async () => void (await kill(server, "SIGINT"));
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Resolves when the port accepts connections. */
export async function listening(port: number, server: ChildProcess, log = () => ""): Promise<void> {
  for (const deadline = Date.now() + 120_000; ; ) {
    const open = await new Promise<boolean>((settle) => {
      const socket = connect(port, "127.0.0.1", () => settle(true)).once("error", () => settle(false));
      socket.unref();
      socket.once("connect", () => socket.end());
    });
    if (open) return;
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended at start (${server.exitCode}) ${log()}`);
    if (Date.now() > deadline) throw new Error(`${server.spawnfile} does not listen on ${port}`);
    await new Promise((settle) => setTimeout(settle, 200));
  }
}
