// Writes the generated pages of docs/: `npm run docs:reference`. Unit tests compare them with the code.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../../config/read.ts";
import { settingsPage } from "./settings.ts";

/** Each generated page, by file. */
const PAGES: Record<string, () => string> = {
  "docs/reference/settings.md": settingsPage,
};

for (const [file, render] of Object.entries(PAGES)) {
  mkdirSync(dirname(join(projectRoot, file)), { recursive: true });
  writeFileSync(join(projectRoot, file), render());
  console.log(file);
}
