import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What an interrupted command must not leave: processes that name the home, and files of a moment. */
export function leftovers(home: string): string[] {
  const files = ["run/stack.json", "run/stack.json.new", "run/starting"].filter((name) => existsSync(join(home, name)));
  const artifacts = join(home, "artifacts");
  const stages = existsSync(artifacts) ? readdirSync(artifacts) : [];
  const drafts = stages.flatMap((stage) =>
    readdirSync(join(artifacts, stage))
      .filter((name) => name.startsWith("."))
      .map((name) => `${stage}/${name}`),
  );
  return [...files, ...drafts, ...processesOf(home)];
}

/** Live processes of Linux whose arguments or environment name the home. */
function processesOf(home: string): string[] {
  if (!existsSync("/proc")) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const read = (file: string) => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  };
  // Compute processes inherit no environment, but their arguments or those of their parent do not name the home either:
  // they end with the workers, which `workers/all.ts HOME` names.
  return pids
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`)} ${read(`/proc/${pid}/environ`)}`)
    .filter((text) => text.includes(home))
    .map((text) => text.slice(0, 200).replaceAll("\0", " "));
}
