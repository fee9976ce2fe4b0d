// Source rules that the linters do not cover: who reads the environment, imports a native package or prints, and the
// length of files.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { missingRooms } from "./rooms.mjs";
import { root } from "./setup/paths.mjs";

const MAX_LINES = 300;
/** Room with the schema of all settings. */
const ENVIRONMENT = "config/";
/** Sets a variable of a native library, and reads none. */
const NO_TELEMETRY = "core/base/noTelemetry.ts";
const NATIVE = {
  "faiss-node": "core/retrieval/engines/faiss.ts",
  "onnxruntime-node": "core/onnx/runtime.ts",
  "@xenova/transformers": "core/models/tokenizer.ts",
};

/**
 * A front door may be a server or an agent's tool. Only front doors use terminal, arguments, signals and process exit.
 */
const SILENT = /^client\//;
const TERMINAL =
  /\bconsole\s*\.|\bprocess\s*\??\.\s*(stdout|stderr|stdin|argv|exit|exitCode|abort|on|once|off|addListener|prependListener)\b|\}\s*=\s*process\b|["'](node:)?process["']/;

/** Rooms that read files which an input names. They do so through the one reader that no pipe or dead mount can hold. */
const INPUTS = /^(core\/(docs|judging|training)|activities|client|cli)\//;
const READER = "core/base/given/";
const READS = /\b(readFile|readFileSync|createReadStream|open|openSync|opendir|opendirSync|readdir|readdirSync)\b/;
/** Files in them that read only what Winnow itself wrote or ships. */
const OWN_FILES = [
  "client/devServer.ts",
  "client/doctor.ts",
  "client/sample.ts",
  "cli/version.ts",
  "client/processes.ts",
  "client/portClaims.ts",
  "client/stackFile.ts",
  "client/forkPart.ts",
  "core/docs/formats/asciidoc/engine.ts",
  "core/docs/pageCache.ts",
  "core/docs/website/mirror.ts",
  "core/training/loop/checkpoint.ts",
  "core/training/loop/checkpointFiles.ts",
  "core/training/questions/written/replies.ts",
];

/** For tests and tools, only the length is checked. */
const isProduct = (file) =>
  !/^(scripts|tests|bench|research)\/|\/(fixtures|testing)\/|\.test\.m?tsx?$|^vitest\./.test(file);

/** Problems of a source file, one per line. */
export function problemsOf(file, text) {
  const problems = [];
  const lines = text.trimEnd().split("\n").length;
  if (lines > MAX_LINES) problems.push(`${file}: ${lines} lines, at most ${MAX_LINES}: split it by topic`);
  if (!isProduct(file)) return problems;
  if (
    /\bprocess\s*\??\.\s*env\b|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(text) &&
    !file.startsWith(ENVIRONMENT) &&
    file !== NO_TELEMETRY
  )
    problems.push(`${file}: reads process.env; only ${ENVIRONMENT} may`);
  if (SILENT.test(file) && TERMINAL.test(text))
    problems.push(
      `${file}: touches the terminal, the arguments, signals or the end of the process; only a front door may`,
    );
  const fromDisk = [...text.matchAll(/import\s*\{([^}]*)\}\s*from\s*"(?:node:)?fs(?:\/promises)?"/g)];
  if (INPUTS.test(file) && !OWN_FILES.includes(file) && fromDisk.some(([, names]) => READS.test(names)))
    problems.push(`${file}: reads files itself; what an input names is read by ${READER}files.ts`);
  for (const [name, home] of Object.entries(NATIVE))
    if (file !== home && new RegExp(`(from|import|import\\(|require\\()\\s*["']${name}["']`).test(text))
      problems.push(`${file}: imports ${name}; only ${home} may`);
  return problems;
}

/** Conflict markers of unresolved merges. */
function openMerges() {
  const marks = ["grep", "-n", "-I", "-E", "^(<<<<<<<|>>>>>>>) ", "--", ".", ":!*.patch"];
  const { stdout } = spawnSync("git", marks, { cwd: root, encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : `${line}: an unresolved merge conflict`));
}

function main() {
  const listed = execFileSync("git", ["ls-files", "*.ts", "*.tsx", "*.mjs"], { cwd: root, encoding: "utf8" });
  const files = listed.trim().split("\n");
  const inFiles = files.flatMap((file) => problemsOf(file, readFileSync(join(root, file), "utf8")));
  const problems = [...missingRooms(), ...openMerges(), ...inFiles];
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    process.exit(1);
  }
  console.log(
    `${files.length} files: lengths, environment, native imports and the silence of client/ are as they should be`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
