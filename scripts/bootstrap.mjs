// Brings a fresh clone to where everything runs: packages, the Temporal server, faiss-node, model weights. Needs only
// Node. Safe to run again; quick when all is there. Each thing is pinned, checked, and kept in the user's cache folder.
import { pathToFileURL } from "node:url";
import { provideFaiss } from "./setup/faiss.mjs";
import { provideModel } from "./setup/model.mjs";
import { checkNode, installPackages } from "./setup/packages.mjs";
import { findTemporal } from "./setup/temporal.mjs";

export async function bootstrap() {
  process.stderr.write("Set-up\n");
  checkNode();
  await installPackages();
  await findTemporal();
  await provideFaiss();
  await provideModel();
}

/** Runs set-up; ends the process with a readable message where something cannot be had. */
export async function bootstrapOrExit() {
  try {
    await bootstrap();
  } catch (error) {
    process.stderr.write(`\n  ✘ ${error.name === "SetupError" ? error.message : error.stack}\n`);
    process.exit(1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await bootstrapOrExit();
