// For the build stage of an image: fetches what set-up adds to npm packages, except the Temporal server, and removes
// files that an image never loads.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { provideFaiss } from "../scripts/setup/faiss.mjs";
import { provideModel } from "../scripts/setup/model.mjs";
import { root } from "../scripts/setup/paths.mjs";
import { filesNamed, removeUnloaded } from "../scripts/setup/unloaded.mjs";

removeUnloaded();
// An image compiles nothing, so it reads neither typings nor the sources beside them.
for (const file of filesNamed(/\.[cm]?ts$/, join(root, "node_modules"))) rmSync(file);
await provideFaiss();
await provideModel();
