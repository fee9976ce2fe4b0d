import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { COMPILED } from "../../core/base/ownModules.ts";

/** Script of the page, and of the custom element for pages of other sites: one text each, with all that it imports. */
export interface PageScripts {
  ask: string;
  widget: string;
}

/** The scripts, bundled from the sources; a package contains them bundled. */
export async function pageScripts(): Promise<PageScripts> {
  if (!COMPILED) return bundleScripts();
  const packed = (name: keyof PageScripts) => readFile(packedScript(name, import.meta.url), "utf8");
  return { ask: await packed("ask"), widget: await packed("widget") };
}

/** Place of a script in the package, for the URL of this module there. */
export function packedScript(name: keyof PageScripts, module: string): URL {
  return new URL(`browser/${name}.bundle.js`, module);
}

/** Bundles the scripts. esbuild is loaded only for this, and its process is ended afterwards. */
async function bundleScripts(): Promise<PageScripts> {
  const { build, stop } = await import("esbuild");
  try {
    const { outputFiles } = await build({
      entryPoints: { ask: sourceOf("main.tsx"), widget: sourceOf("widget.tsx") },
      ...{ bundle: true, minify: true, write: false, format: "iife", platform: "browser", target: "es2022" },
      ...{ jsx: "automatic", jsxImportSource: "preact", legalComments: "none", logLevel: "silent" },
      // Names the outputs; nothing is written.
      outdir: "assets",
    });
    const script = (name: string) => outputFiles.find(({ path }) => path.endsWith(`${name}.js`))!.text;
    return { ask: script("ask"), widget: script("widget") };
  } finally {
    await stop();
  }
}

function sourceOf(script: string): string {
  return fileURLToPath(new URL(`browser/${script}`, import.meta.url));
}
