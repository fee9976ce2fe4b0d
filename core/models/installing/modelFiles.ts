import { mkdir, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { EMBEDDERS, RERANKERS } from "../families/index.ts";
import { lookAt } from "../families/modelFolder.ts";
import { isPointer } from "../lfsPointer.ts";
import { weightsProblem } from "../reading/refusals.ts";

const MB = 1_000_000;
/** Node reads a file of up to 2 GiB, which is also the most that an ONNX file can hold. */
const MAX_WEIGHTS = 2 ** 31 - 1;
/** Other writers take room meanwhile. */
const SPARE = 1.05;

interface Wanted {
  paths: RegExp;
  maxBytes: number;
}

const MODULE = /^\d+_[A-Za-z]+\//.source;
const SMALL =
  "config|modules|config_sentence_transformers|sentence_[a-z-]+_config|tokenizer_config|special_tokens_map|added_tokens";

/** Files that describe a model. Weights are chosen once these are there. */
const DESCRIBING: readonly Wanted[] = [
  { paths: new RegExp(`^(${SMALL})\\.json$`), maxBytes: 2 * MB },
  { paths: new RegExp(`${MODULE}config\\.json$`), maxBytes: 2 * MB },
  { paths: /^(README\.md|LICEN[CS]E(\.txt|\.md)?)$/i, maxBytes: 5 * MB },
  { paths: /^(tokenizer\.json|vocab\.(txt|json)|merges\.txt|sentencepiece\.bpe\.model)$/, maxBytes: 64 * MB },
  { paths: new RegExp(`${MODULE}tokenizer\\.json$`), maxBytes: 64 * MB },
];
const WEIGHTS: readonly Wanted[] = [
  { paths: new RegExp(`^(${MODULE.slice(1)})?model\\.safetensors$`), maxBytes: MAX_WEIGHTS },
  { paths: /^(onnx\/)?model\.onnx$/, maxBytes: MAX_WEIGHTS },
];

/** A file that a model comes with. */
export interface GivenFile {
  path: string;
  bytes: number;
}

/** The files of a model, wherever they come from. */
export interface ModelFiles {
  /** All of them, also those that are not needed. */
  files: readonly GivenFile[];
  /** Puts one of them at `to`, whose folder exists. `onBytes` gets the number of bytes so far. */
  take(path: string, to: string, onBytes: (bytes: number) => void): Promise<void>;
  /** Bytes of a file that are on the disk already; default: none. */
  present?(path: string): Promise<number>;
}

/** True for a file that Winnow may read. Pickles, code and other formats of the weights are not. */
export function isWanted(path: string): boolean {
  return [...DESCRIBING, ...WEIGHTS].some(({ paths }) => paths.test(path));
}

/** Most bytes of a wanted file. */
export function mostBytes(path: string): number {
  return [...DESCRIBING, ...WEIGHTS].find(({ paths }) => paths.test(path))?.maxBytes ?? 0;
}

/**
 * Fills a folder with the files that Winnow needs of a model. Throws BadModel for a file that is too large, for a
 * pointer of Git LFS, and for weights that Winnow does not read; StorageFailed if the disk has no room for them.
 */
export async function takeFiles(from: ModelFiles, folder: string, ctx: TaskContext): Promise<void> {
  const problem = weightsProblem(from.files.map(({ path }) => path));
  if (problem !== null) throw new WinnowError("BadModel", problem);
  const describing = checked(from.files, DESCRIBING);
  const progress = progressOf(describing, ctx);
  for (const file of describing) await take(from, file, folder, progress);
  const weights = await chosenWeights(from.files, folder);
  await requireRoom(folder, from, weights);
  const heard = progressOf(weights, ctx);
  for (const file of weights) await take(from, file, folder, heard);
}

/** Throws BadModel for a file above its limit. */
function checked(files: readonly GivenFile[], wanted: readonly Wanted[]): GivenFile[] {
  return files.filter(({ path, bytes }) => {
    const rule = wanted.find(({ paths }) => paths.test(path));
    if (rule && bytes > rule.maxBytes)
      throw new WinnowError(
        "BadModel",
        `${path} has ${megabytes(bytes)}, more than the ${megabytes(rule.maxBytes)} that are read`,
      );
    return rule !== undefined;
  });
}

async function take(
  from: ModelFiles,
  { path }: GivenFile,
  folder: string,
  heard: (path: string, bytes: number) => void,
) {
  const to = join(folder, ...path.split("/"));
  await mkdir(dirname(to), { recursive: true });
  await from.take(path, to, (bytes) => heard(path, bytes));
  if (await isPointer(to))
    throw new WinnowError(
      "BadModel",
      `${path} is a pointer of Git LFS instead of the file: run \`git lfs pull\` there`,
    );
}

/** One form of the weights: safetensors if a family builds its network from them, otherwise the ONNX export. */
async function chosenWeights(files: readonly GivenFile[], folder: string): Promise<GivenFile[]> {
  const all = checked(files, WEIGHTS);
  const tensors = all.filter(({ path }) => path.endsWith(".safetensors"));
  // Parts of the model, such as a head, are in neither form of the encoder's weights.
  const parts = tensors.filter(({ path }) => path !== "model.safetensors");
  const [exported] = all.filter(({ path }) => path.endsWith(".onnx")).sort((a, b) => b.path.length - a.path.length);
  if (exported === undefined) return tensors;
  if (tensors.length > parts.length && (await isBuilt(folder))) return tensors;
  return [...parts, exported];
}

/** True if a family builds this model's network from its weights, without an export. */
async function isBuilt(folder: string): Promise<boolean> {
  const looked = { ...(await lookAt(folder)), onnxFile: null, hasSafetensors: true };
  for (const family of [...EMBEDDERS, ...RERANKERS]) if (await family.matches(looked)) return true;
  return false;
}

/** Throws StorageFailed unless what is missing of the files fits on the disk of a folder. */
async function requireRoom(folder: string, from: ModelFiles, files: readonly GivenFile[]): Promise<void> {
  let needed = 0;
  for (const { path, bytes } of files) needed += Math.max(0, bytes - ((await from.present?.(path)) ?? 0)) * SPARE;
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new WinnowError(
    "StorageFailed",
    `the model needs ${megabytes(needed)}, and ${megabytes(bavail * bsize)} are free on the disk of ${folder}: free some, or move the state with WINNOW_HOME`,
  );
}

/** Reports in megabytes, since bytes are hard to read. */
function progressOf(files: readonly GivenFile[], ctx: TaskContext): (path: string, bytes: number) => void {
  const arrived = new Map<string, number>();
  const of = Math.ceil(total(files) / MB);
  return (path, bytes) => {
    arrived.set(path, bytes);
    const sum = [...arrived.values()].reduce((all, each) => all + each, 0);
    const step = Math.min(of, Math.floor(sum / MB));
    ctx.progress({ step, of, note: `${step} of ${of} MB, ${path}` });
  };
}

function total(files: readonly GivenFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / MB)} MB`;
}
