// For the build stage of an image: fetches what set-up adds to npm packages and the Temporal server, and removes what
// is never loaded there.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { provideFaiss } from "../scripts/setup/faiss.mjs";
import { provideModel } from "../scripts/setup/model.mjs";
import { root } from "../scripts/setup/paths.mjs";
import { removeUnloaded } from "../scripts/setup/unloaded.mjs";

removeUnloaded();
removeTypings(join(root, "node_modules"));
await provideFaiss();
await provideModel();

/** An image compiles nothing, so typings and the sources beside them stay unread. */
function removeTypings(modules) {
  for (const file of readdirSync(modules, { recursive: true, withFileTypes: true }))
    if (file.isFile() && /\.[cm]?ts$/.test(file.name)) rmSync(join(file.parentPath, file.name));
}
