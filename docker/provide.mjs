// In an image's build stage: what set-up fetches beyond npm packages and the Temporal server.
import { provideFaiss } from "../scripts/setup/faiss.mjs";
import { provideModel } from "../scripts/setup/model.mjs";

await provideFaiss();
await provideModel();
