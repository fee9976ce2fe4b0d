// Writes the part of docs/reference that is generated: npm run docs:reference.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GROUPS } from "../config/allSettings.ts";
import { projectRoot } from "../config/read.ts";
import { settingsReference } from "../config/render/reference.ts";

const folder = join(projectRoot, "docs", "reference");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "settings.md"), settingsReference(GROUPS));
console.log("docs/reference/settings.md");
