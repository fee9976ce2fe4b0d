import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A program that replies to each line of JSON on its stdin with one line of JSON. */
export interface Peer {
  request<T>(message: object): Promise<T>;
  close(): void;
}

/**
 * Starts a program of `bench/peers` with the Python of `WINNOW_BENCH_PYTHON`, which needs torch and
 * sentence-transformers, and waits until it is ready. Without the variable, or if the Python lacks a package, it prints
 * a note and returns null. The product needs no Python.
 */
export async function openPeer(script: string, args: string[]): Promise<Peer | null> {
  const python = process.env.WINNOW_BENCH_PYTHON;
  if (python && existsSync(python)) {
    const peer = await openProgram(python, [pathOf(script), ...args]).catch(() => null);
    if (peer === null) console.log(`sentence-transformers: skipped, because ${script} ended at once in ${python}`);
    return peer;
  }
  console.log("sentence-transformers: skipped, because WINNOW_BENCH_PYTHON does not name a Python that has it");
  return null;
}

/** Starts a TypeScript program of `bench/peers`, so that its memory is separate. */
export function openOwn(script: string, args: string[]): Promise<Peer> {
  return openProgram(process.execPath, ["--import", "tsx", pathOf(script), ...args]);
}

/** Starts such a program pinned to one core (`taskset`, Linux). */
export function openPinned(core: number, script: string): Promise<Peer> {
  return openProgram("taskset", ["-c", `${core}`, process.execPath, "--import", "tsx", pathOf(script)]);
}

function pathOf(script: string): string {
  return fileURLToPath(new URL(`peers/${script}`, import.meta.url));
}

async function openProgram(command: string, args: string[]): Promise<Peer> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${args[0]} ended before it answered`);
    return JSON.parse(value);
  };
  await next();
  return {
    request<T>(message: object) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return next<T>();
    },
    close: () => child.stdin.end(),
  };
}

/** The median of some times, in milliseconds. */
export function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** Value of `--name VALUE` on the command line. */
export function option(name: string, otherwise: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise);
}
