// Rules no linter here knows: who reads the environment, who imports a native package, and how long a file may be.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { root } from "./setup/paths.mjs";

const MAX_LINES = 300;
const ENVIRONMENT = new Set(["workers/config.ts", "cli/config.ts"]);
const NATIVE = {
  "faiss-node": "core/retrieval/faiss.ts",
  "onnxruntime-node": "core/onnx/runtime.ts",
  "@xenova/transformers": "core/models/tokenizer.ts",
};

const problems = [];
const files = execFileSync("git", ["ls-files", "*.ts", "*.mjs"], { cwd: root, encoding: "utf8" }).trim().split("\n");
for (const file of files) {
  const text = readFileSync(`${root}/${file}`, "utf8");
  const lines = text.split("\n").length;
  if (lines > MAX_LINES) problems.push(`${file}: ${lines} lines, at most ${MAX_LINES}: split it by topic`);
  if (/^(scripts|tests|bench)\//.test(file) || /\.test\.ts$/.test(file) || /^vitest/.test(file)) continue;
  if (/\bprocess\.env\b/.test(text) && !ENVIRONMENT.has(file))
    problems.push(`${file}: reads process.env; only ${[...ENVIRONMENT].join(" and ")} may`);
  for (const [name, home] of Object.entries(NATIVE))
    if (file !== home && new RegExp(`(from|import\\(|require\\()\\s*["']${name}["']`).test(text))
      problems.push(`${file}: imports ${name}; only ${home} may`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`${files.length} files: lengths, environment and native imports are as they should be`);
