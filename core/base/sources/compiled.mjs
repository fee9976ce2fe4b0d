// Plain JavaScript, because it compiles all other modules.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Compiled modules lie beside the packages, so no setting names the folder and `npm ci` empties it. */
const FOLDER = join(ROOT, "node_modules", ".cache", "winnow");

/** As tsconfig.json and tsx have it. */
const OPTIONS = {
  ...{ format: "esm", target: "node20", sourcemap: "inline", sourcesContent: false },
  ...{ jsx: "automatic", jsxImportSource: "preact", tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } } },
};
const COMPILER = JSON.stringify([require("esbuild/package.json").version, OPTIONS]);

/** Whether compiled modules can be kept in the folder. */
export function canKeep(folder = FOLDER) {
  try {
    mkdirSync(folder, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** A `load` hook of Node that compiles TypeScript modules, each once: those below `root` are kept in `folder`. */
export function loadHook(folder = FOLDER, root = ROOT) {
  return (url, context, next) => {
    if (!/^file:.*\.tsx?$/.test(url) || url.includes("/node_modules/")) return next(url, context);
    return { format: "module", source: compiled(fileURLToPath(url), folder, root), shortCircuit: true };
  };
}

function compiled(file, folder, root) {
  const source = readFileSync(file);
  const name = relative(root, file);
  // The number of modules below the root bounds the folder.
  const kept = name.startsWith("..") || isAbsolute(name) ? null : join(folder, `${encodeURIComponent(name)}.js`);
  const found = kept && readKept(kept, source);
  if (found !== null) return found;
  const loader = file.endsWith("x") ? "tsx" : "ts";
  const { code } = require("esbuild").transformSync(source, { ...OPTIONS, loader, sourcefile: file });
  if (kept) keep(kept, code, source);
  return code;
}

/** The kept module; null if there is none, or one of another source or compiler, or a damaged one. */
function readKept(file, source) {
  try {
    const text = readFileSync(file, "utf8");
    const end = text.lastIndexOf("\n//");
    const code = text.slice(0, end);
    return text.slice(end) === seal(code, source) ? code : null;
  } catch {
    return null;
  }
}

function seal(code, source) {
  const digest = createHash("sha256").update(COMPILER).update(source).update(code).digest("hex");
  return `\n//${digest}`;
}

/** Never leaves half a module. Where it fails, the next process compiles again. */
function keep(file, code, source) {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, code + seal(code, source));
    renameSync(draft, file);
  } catch {
    remove(draft);
  }
}

function remove(draft) {
  try {
    rmSync(draft, { force: true });
  } catch {
    // The folder is gone, or is none.
  }
}
