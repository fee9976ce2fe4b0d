import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";
import { keptBytes } from "../core/base/keptBytes.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WORKFLOWS = join(ROOT, "workflows");
const TRACING = join(WORKFLOWS, "tracing.ts");
const PAYLOAD_CAP = join(WORKFLOWS, "payloadCap.ts");
export const ENCODED_FAILURES = join(WORKFLOWS, "encodedFailures.cjs");

/** What a bundle is made of: the workflows, what they may import, and the packages by their lock. */
const SOURCES = ["workflows", "contracts", "package-lock.json"];

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

/** Of the sources, where they lie (their paths are in the bundle), and how they are bundled. */
async function keyOf({ traced = false, encrypted = false }: BundleOptions): Promise<string> {
  const how = `${process.version} ${traced} ${encrypted} ${ROOT} ${await digestOf(ROOT, SOURCES)}`;
  return createHash("sha256").update(how).digest("hex").slice(0, 32);
}

/** Digest of source files and of folders of them, without tests; paths are relative to `root`. */
async function digestOf(root: string, sources: string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of await filesIn(root, source)) hash.update(file).update(await readFile(join(root, file)));
  }
  return hash.digest("hex");
}

async function filesIn(root: string, source: string): Promise<string[]> {
  if ((await stat(join(root, source))).isFile()) return [source];
  const names = await readdir(join(root, source), { recursive: true });
  const code = names.filter((name) => /\.(ts|cjs)$/.test(name) && !name.includes(".test."));
  return code.map((name) => join(source, name)).sort();
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
