import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SETTINGS } from "../../config/allSettings.ts";
import { projectRoot } from "../../config/read.ts";
import { settingsPage } from "./settings.ts";

const committed = readFileSync(join(projectRoot, "docs", "reference", "settings.md"), "utf8");

it("docs/reference/settings.md matches the schema; `npm run docs:reference` regenerates it", () => {
  expect(committed).toBe(settingsPage());
});

it("each setting has one row with its type, its default, whether it is secret, and who reads it", () => {
  const rows = committed.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows).toHaveLength(SETTINGS.length);
  for (const { name, kind, default: unset, secret, readBy } of SETTINGS) {
    const row = rows.find((each) => each.startsWith(`| \`${name}\` |`))!;
    const [, , type, fallback, readers] = row.split(" | ");
    expect(type, name).toBe(secret ? `${kind.type}, **secret**` : kind.type);
    expect(fallback, name).toBe(unset);
    expect(readers, name).toBe(`${readBy.join(", ")} |`);
  }
});
