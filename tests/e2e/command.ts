import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArtifactRef } from "../../contracts/artifacts.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface WinnowOptions {
  stdin?: string;
  env?: NodeJS.ProcessEnv;
  /** Code of another version. */
  tree?: string;
}

/** Runs `winnow` as a user would, with its own state folder. Stdin is closed unless text is given. */
export function winnow(
  home: string,
  args: string[],
  { tree = root, ...options }: WinnowOptions = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [join(tree, "cli", "winnow.mjs"), ...args], {
    cwd: tree,
    env: { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", ...options.env, WINNOW_HOME: home },
  });
  const outcome: Outcome = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    outcome.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    outcome.stderr += text;
  });
  child.stdin.end(options.stdin ?? "");
  return new Promise((settle, fail) => {
    child.once("error", fail);
    child.once("close", (code) => settle({ ...outcome, code }));
  });
}

/** The JSON document of a `--json` command. Fails with the command's stderr. */
export async function winnowJson<T>(home: string, args: string[], options?: WinnowOptions): Promise<T> {
  const outcome = await winnow(home, [...args, "--json"], options);
  if (outcome.code !== 0)
    throw new Error(`winnow ${args.join(" ")} exited ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
  return JSON.parse(outcome.stdout) as T;
}

/** An empty state folder, and a function that removes it. */
export async function freshHome(): Promise<{ home: string; remove(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), "winnow-e2e-"));
  return { home, remove: () => rm(home, { recursive: true, force: true }) };
}

/** Folder of an artifact, for reading it as a person would. */
export function artifactFolder(home: string, ref: ArtifactRef): string {
  return join(home, "artifacts", ref.uri.replace(/^winnow:/, ""));
}
