import { constants, existsSync } from "node:fs";
import { access, mkdir, readFile, statfs } from "node:fs/promises";
import { arch, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { SET_UP } from "../base/ownModules.ts";
import embedder from "../models/embedder.json" with { type: "json" };
import { embedderDir, trainedBaseDir } from "../models/locate.ts";
import { damagedFiles, verifyModelDir } from "../models/verifyModel.ts";
import type { ProcessOptions } from "../runtime/process.ts";
import { runTask } from "../stages/tasks.ts";

/** One line of `winnow doctor`. */
export interface Check {
  name: string;
  /** `degraded`: works with limits. `missing`: something will fail. */
  status: "ok" | "degraded" | "missing";
  /** The variant found, and why. */
  detail: string;
  /** How to fix it; null if nothing is wrong. */
  fix: string | null;
}

export interface DoctorOptions {
  home: string;
  cache: string;
  /** Options of compute processes. */
  compute: ProcessOptions;
}

/** Maximum memory of one process, in GiB: training and the evaluation of a large corpus. */
const MEMORY_WANTED = 4;

/**
 * Checks of this machine that need no server. Native libraries are loaded in a child process, because they may crash
 * it.
 */
export async function checkMachine({ home, cache, compute }: DoctorOptions): Promise<Check[]> {
  const here = [machine(), await cpuFeatures(), await homeFolder(home)];
  return [...here, await weights(cache), rerankerBase(cache), ...(await nativeLibraries(compute))];
}

function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, fix: null };
}

function machine(): Check {
  const memory = totalmem() / 2 ** 30;
  const detail = `Node ${process.versions.node} on ${process.platform} ${arch()}, ${cpus().length} cores, ${memory.toFixed(0)} GiB memory`;
  if (memory >= MEMORY_WANTED * 0.9) return ok("machine", detail);
  return { name: "machine", status: "degraded", detail, fix: `large docs need ${MEMORY_WANTED} GiB of memory` };
}

async function cpuFeatures(): Promise<Check> {
  const info = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const flags = ["avx2", "avx512f", "avx512_vnni", "avx_vnni", "asimd"].filter((flag) =>
    new RegExp(`\\b${flag}\\b`).test(info),
  );
  return ok("CPU", `${cpus()[0]?.model ?? "unknown"}${flags.length > 0 ? `: ${flags.join(", ")}` : ""}`);
}

async function homeFolder(home: string): Promise<Check> {
  try {
    await mkdir(home, { recursive: true });
    await access(home, constants.W_OK);
    const { bavail, bsize } = await statfs(home);
    const free = (bavail * bsize) / 2 ** 30;
    if (free >= 2) return ok("WINNOW_HOME", `${home}, ${free.toFixed(0)} GiB free`);
    return {
      name: "WINNOW_HOME",
      status: "degraded",
      detail: `${home}, only ${free.toFixed(1)} GiB free`,
      fix: "free some disk, or set WINNOW_HOME to another folder",
    };
  } catch (error) {
    return {
      name: "WINNOW_HOME",
      status: "missing",
      detail: messageOf(error),
      fix: "set WINNOW_HOME to a writable folder",
    };
  }
}

async function weights(cache: string): Promise<Check> {
  const folder = embedderDir(cache);
  const name = "model weights";
  try {
    await verifyModelDir(folder);
  } catch (error) {
    return { name, status: "missing", detail: messageOf(error), fix: SET_UP };
  }
  const changed = await damagedFiles(folder, embedder.files);
  if (changed.length === 0) return ok(name, `${embedder.name} in ${folder}, SHA-256 as pinned`);
  const detail = `${folder}: files differ from the pinned SHA-256: ${changed.join(", ")}`;
  return { name, status: "missing", detail, fix: SET_UP };
}

function rerankerBase(cache: string): Check {
  const trained = trainedBaseDir(cache);
  if (existsSync(join(trained, "model.safetensors"))) return ok("reranker base", trained);
  return ok(
    "reranker base",
    `${embedder.name} with a fresh head (a cross-encoder in ${trained} would be used instead)`,
  );
}

async function nativeLibraries(compute: ProcessOptions): Promise<Check[]> {
  try {
    const found = await runTask("describeNative", {}, compute);
    const faiss: Check = found.faiss
      ? ok("vector search", "faiss-node addon")
      : {
          name: "vector search",
          status: "degraded",
          detail: `exact search in TypeScript: ${found.faissProblem}`,
          fix: `install libfaiss-dev and libopenblas-dev, then ${SET_UP}`,
        };
    const int8 = found.int8
      ? "int8 twins where they pass"
      : "float32 only: this processor (no VNNI) computes int8 twins wrongly";
    const runtime = `${found.onnxruntime}, providers: ${found.providers.join(", ")}, ${int8}`;
    if (found.providerProblem === null) return [ok("ONNX Runtime", runtime), faiss];
    const detail = `${runtime}; ${compute.provider} does not work here: ${found.providerProblem}`;
    const fix = "unset WINNOW_PROVIDER, or install its libraries";
    return [{ name: "ONNX Runtime", status: "missing", detail, fix }, faiss];
  } catch (error) {
    return [{ name: "native libraries", status: "missing", detail: messageOf(error), fix: SET_UP }];
  }
}
