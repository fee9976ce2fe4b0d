// Sets up a fresh clone: packages, the Temporal server, faiss-node, model weights. Needs only Node. Safe to repeat, and
// quick if everything is present. Each part is pinned, verified, and kept in the user's cache folder.
import { accessSync, constants, mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { provideFaiss } from "./setup/faiss.mjs";
import { interruptible, stopped } from "./setup/interrupts.mjs";
import { provideModel } from "./setup/model.mjs";
import { checkNode, installPackages } from "./setup/packages.mjs";
import { cache } from "./setup/paths.mjs";
import { SetupError } from "./setup/report.mjs";
import { provideTemporal } from "./setup/temporal.mjs";
import { removeUnloaded } from "./setup/unloaded.mjs";

/** `ownServer`: install a Temporal server even if TEMPORAL_ADDRESS names one. */
export async function bootstrap({ ownServer = false } = {}) {
  process.stderr.write("Set-up\n");
  checkNode();
  checkCache();
  await installPackages();
  removeUnloaded();
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

/** Runs set-up. If a part is unavailable, exits with a readable message. */
export async function bootstrapOrExit(options) {
  try {
    await interruptible(() => bootstrap(options));
  } catch (error) {
    if (stopped.aborted) {
      process.stderr.write("\n  Set-up was interrupted. The same command goes on.\n");
      process.exit(130);
    }
    process.stderr.write(`\n  ✘ ${error.name === "SetupError" ? error.message : error.stack}\n`);
    process.exit(1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await bootstrapOrExit();
