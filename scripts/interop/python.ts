import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export const cache =
  process.env.WINNOW_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "winnow");

/** Stdout of a program. Its stderr is shown, and a non-zero exit throws. */
export async function outputOf(command: string, args: string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((settle, fail) => child.once("error", fail).once("close", settle));
  const output = await text(child.stdout);
  if ((await ended) !== 0) throw new Error(`${command} ${args.slice(0, 2).join(" ")} failed`);
  return output;
}

/** A Python with these packages, in an environment of this name in the cache. It is made once. */
export async function pythonWith(name: string, packages: readonly string[], size: string): Promise<string> {
  const folder = join(cache, name);
  const python = join(folder, "bin", "python");
  const done = join(folder, "complete");
  if (existsSync(done)) return python;
  console.log(`making a Python environment in ${folder} (${size})`);
  await outputOf("python3", ["-m", "venv", "--clear", folder]);
  await outputOf(python, ["-m", "pip", "install", "--quiet", ...packages]);
  await writeFile(done, "");
  return python;
}
