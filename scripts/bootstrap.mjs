// Brings a fresh clone to where everything runs: packages, the Temporal server, faiss-node, model weights. Needs only
// Node. Safe to run again; quick when all is there. Each thing is pinned, checked, and kept in the user's cache folder.
import { accessSync, constants, mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { provideFaiss } from "./setup/faiss.mjs";
import { provideModel } from "./setup/model.mjs";
import { checkNode, installPackages } from "./setup/packages.mjs";
import { cache } from "./setup/paths.mjs";
import { SetupError } from "./setup/report.mjs";
import { provideTemporal } from "./setup/temporal.mjs";

/** Options: `ownServer`, whether a Temporal server is needed here although TEMPORAL_ADDRESS names one. */
export async function bootstrap({ ownServer = false } = {}) {
  process.stderr.write("Set-up\n");
  checkNode();
  checkCache();
  await installPackages();
  await provideTemporal({ own: ownServer });
  await provideFaiss();
  await provideModel();
}

function checkCache() {
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
  } catch (error) {
    throw new SetupError(`The cache folder ${cache} cannot be written (${error.code}).`, [
      "set WINNOW_CACHE to a folder that can",
      "or make this one writable",
    ]);
  }
}

/** Runs set-up; ends the process with a readable message where something cannot be had. */
export async function bootstrapOrExit(options) {
  try {
    await bootstrap(options);
  } catch (error) {
    process.stderr.write(`\n  ✘ ${error.name === "SetupError" ? error.message : error.stack}\n`);
    process.exit(1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await bootstrapOrExit();
