import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker";
import { LOCKFILE } from "../config/read.ts";
import { keptBytes } from "../core/base/keptBytes.ts";
import { ownModule } from "../core/base/ownModules.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WORKFLOWS = join(ROOT, "workflows");
const TRACING = workflowModule("tracing.ts");
const PAYLOAD_CAP = workflowModule("payloadCap.ts");
export const ENCODED_FAILURES = join(WORKFLOWS, "encodedFailures.cjs");

/** What a bundle is made of: the workflows, their imports, and the lockfile of the packages. */
const SOURCES = ["workflows", "contracts", LOCKFILE];

/** Bundles to keep: with and without traces and encrypted failures, for two versions. */
const KEPT = 8;

export interface BundleOptions {
  /** Propagates traces. */
  traced?: boolean;
  /** Encodes failures as payloads, which are encrypted. */
  encrypted?: boolean;
}

/**
 * Bundles the workflows with the payload cap, and on request with trace propagation and encoded failures. Bundling
 * takes seconds, so `folder` caches the bundles.
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
    workflowsPath: workflowModule("index.ts"),
    workflowInterceptorModules: traced ? [TRACING, PAYLOAD_CAP] : [PAYLOAD_CAP],
    logger: new DefaultLogger("ERROR"),
  });
  return code;
}

function workflowModule(source: string): string {
  return fileURLToPath(ownModule(`../workflows/${source}`, import.meta.url));
}

/** Digest of the sources, their location (the bundle contains their paths) and the bundle options. */
async function keyOf({ traced = false, encrypted = false }: BundleOptions): Promise<string> {
  const how = `${process.version} ${traced} ${encrypted} ${ROOT} ${await digestOf(ROOT, SOURCES)}`;
  return createHash("sha256").update(how).digest("hex").slice(0, 32);
}

/** Digest of source files and folders, without tests. Paths are relative to `root`. */
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
  const code = names.filter((name) => /\.(ts|js|cjs)$/.test(name) && !name.includes(".test."));
  return code.map((name) => join(source, name)).sort();
}

/** Deletes the oldest bundles, to make room for one more. */
async function forgetOld(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  for (const { name } of files.sort((a, b) => b.time - a.time).slice(KEPT - 1)) {
    await rm(join(folder, name), { force: true }).catch(() => {});
  }
}
