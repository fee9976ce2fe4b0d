// For the build stage of an image: fetches what set-up adds to npm packages and the Temporal server.
import { provideFaiss } from "../scripts/setup/faiss.mjs";
import { provideModel } from "../scripts/setup/model.mjs";
import { removeUnloaded } from "../scripts/setup/unloaded.mjs";

removeUnloaded();
await provideFaiss();
await provideModel();
