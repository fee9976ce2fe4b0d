import { constants } from "node:fs";
import { access, mkdir, readFile, statfs } from "node:fs/promises";
import { arch, cpus, totalmem } from "node:os";
import { messageOf } from "../errors.ts";
import { runTask } from "../native/host.ts";
import { embedderDir } from "./locate.ts";
import { verifyModelDir } from "./verifyModel.ts";

/** One line of `winnow doctor`. */
export interface Check {
  name: string;
  /** `degraded`: works, with less; `missing`: something will fail. */
  status: "ok" | "degraded" | "missing";
  /** Which variant is there, and why. */
  detail: string;
  /** What to do about it. */
  fix: string | null;
}

export interface DoctorOptions {
  home: string;
  cache: string;
}

/** Checks of this machine that need no server. Native libraries are loaded in a child process, which may die of them. */
export async function checkMachine({ home, cache }: DoctorOptions): Promise<Check[]> {
  return [machine(), await cpuFeatures(), await homeFolder(home), await weights(cache), ...(await nativeLibraries())];
}

function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, fix: null };
}

function machine(): Check {
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return ok(
    "machine",
    `Node ${process.versions.node} on ${process.platform} ${arch()}, ${cpus().length} cores, ${memory} GiB memory`,
  );
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
      fix: "set WINNOW_HOME to a folder that can be written",
    };
  }
}

async function weights(cache: string): Promise<Check> {
  const folder = embedderDir(cache);
  try {
    await verifyModelDir(folder);
    return ok("model weights", `all-MiniLM-L6-v2 in ${folder}; it is also what the reranker starts from`);
  } catch (error) {
    return { name: "model weights", status: "missing", detail: messageOf(error), fix: "npm run setup" };
  }
}

async function nativeLibraries(): Promise<Check[]> {
  try {
    const found = await runTask("describeNative", {});
    const faiss: Check = found.faiss
      ? ok("vector search", "faiss-node addon")
      : {
          name: "vector search",
          status: "degraded",
          detail: `exact search in TypeScript: ${found.faissProblem}`,
          fix: "install libfaiss-dev and libopenblas-dev, then npm run setup",
        };
    return [ok("ONNX Runtime", `${found.onnxruntime}, providers: ${found.providers.join(", ")}`), faiss];
  } catch (error) {
    return [{ name: "native libraries", status: "missing", detail: messageOf(error), fix: "npm run setup" }];
  }
}
