import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";
import { keptBytes } from "../core/reranker/keptBytes.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WORKFLOWS = join(ROOT, "workflows");
const TRACING = join(WORKFLOWS, "tracing.ts");
const PAYLOAD_CAP = join(WORKFLOWS, "payloadCap.ts");
export const ENCODED_FAILURES = join(WORKFLOWS, "encodedFailures.cjs");

/** What a bundle is made of: the workflows, what they may import, and the packages by their lock. */
const SOURCES = [WORKFLOWS, join(ROOT, "contracts"), join(ROOT, "package-lock.json")];

/** With traces and encrypted failures or without, of two versions. */
const KEPT = 8;

export interface BundleOptions {
  /** Traces are passed on. */
  traced?: boolean;
  /** Failures are payloads, which are encrypted. */
  encrypted?: boolean;
}

/**
 * The workflows in one script, with the interceptor that caps payloads, the one that passes traces on where they are
 * sent, and failures as payloads where those are encrypted. Bundling takes seconds, so `folder` keeps what it gave.
 */
export async function workflowBundle(folder: string, options: BundleOptions = {}): Promise<{ code: string }> {
  const key = await keyOf(options);
  const bytes = await keptBytes(join(folder, `${key}.js`), async () => {
    await forgetOld(folder);
    return Buffer.from(await bundle(options));
  });
  return { code: Buffer.from(bytes).toString() };
}

async function bundle({ traced = false, encrypted = false }: BundleOptions): Promise<string> {
  const { code } = await bundleWorkflowCode({
    ...(encrypted ? { failureConverterPath: ENCODED_FAILURES } : {}),
    workflowsPath: join(WORKFLOWS, "index.ts"),
    workflowInterceptorModules: traced ? [TRACING, PAYLOAD_CAP] : [PAYLOAD_CAP],
    logger: new DefaultLogger("ERROR"),
  });
  return code;
}

/** Digest of the sources, where they lie (their paths are in the bundle), and how they are bundled. */
async function keyOf({ traced = false, encrypted = false }: BundleOptions): Promise<string> {
  const hash = createHash("sha256").update(`${process.version} ${traced} ${encrypted} ${ROOT}`);
  for (const source of SOURCES) {
    for (const file of await filesOf(source)) hash.update(file).update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 32);
}

async function filesOf(source: string): Promise<string[]> {
  if ((await stat(source)).isFile()) return [source];
  const names = (await readdir(source)).filter((name) => /\.(ts|cjs)$/.test(name) && !/\.test\./.test(name));
  return names.sort().map((name) => join(source, name));
}

/** Leaves room for one more. */
async function forgetOld(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  for (const { name } of files.sort((a, b) => b.time - a.time).slice(KEPT - 1)) {
    await rm(join(folder, name), { force: true }).catch(() => {});
  }
}
