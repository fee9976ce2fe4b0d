// Writes the generated pages of docs/: `npm run docs:reference`. Unit tests compare them with the code.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { commandsPage } from "./commands.ts";
import { errorsPage } from "./errors.ts";
import { presetsPage } from "./presets.ts";
import { withRooms } from "./rooms.ts";
import { settingsPage } from "./settings.ts";
import { shapesPage } from "./shapes.ts";
import { root } from "./source.ts";
import { workflowsPage } from "./workflows.ts";

/** Each generated page by file, as a function of its committed text. */
export const PAGES: Record<string, (committed: () => string) => string> = {
  "docs/reference/settings.md": settingsPage,
  "docs/reference/commands.md": commandsPage,
  "docs/reference/shapes.md": shapesPage,
  "docs/reference/workflows.md": workflowsPage,
  "docs/reference/errors.md": errorsPage,
  "docs/reference/presets.md": presetsPage,
  "docs/architecture.md": (committed) => withRooms(committed()),
};

/** A committed page. */
export function committedPage(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

function main(): void {
  for (const [file, render] of Object.entries(PAGES)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(
      join(root, file),
      render(() => committedPage(file)),
    );
    console.log(file);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
