import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { brokenLinks, brokenMentions, documentationPages, missingFiles } from "./links.ts";
import { committedPage } from "./main.ts";
import { shellCommands, winnowProblem } from "./shell.ts";
import { root } from "./source.ts";

const pages = documentationPages();
const isRecord = (page: string) => page.startsWith("research/notebook/");

describe("the pages of the documentation", () => {
  it("exist", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/tutorial.md", "research/notebook/README.md"]));
  });

  it.each(pages)("%s links to files and headings that exist", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it.each(pages.filter((page) => !isRecord(page)))("%s names files that exist", (page) => {
    expect(missingFiles(page)).toEqual([]);
  });

  it.each(pages.filter((page) => !isRecord(page)))("%s gives `winnow` commands and options that exist", (page) => {
    expect(shellCommands(committedPage(page)).map(winnowProblem).filter(Boolean)).toEqual([]);
  });

  it("are there where the code names them", () => {
    const listed = execFileSync("git", ["ls-files", "*.ts", "*.tsx", "*.mjs", "*.yaml", "*.yml", "docker/*"], {
      cwd: root,
    });
    const files = listed.toString().trim().split("\n");
    const product = files.filter((file) => !/\.test\.m?tsx?$|\/testing\/|^scripts\/reference\//.test(file));
    expect(product.flatMap(brokenMentions)).toEqual([]);
  });

  it("keep the README short", () => {
    expect(committedPage("README.md").split(/\s+/).length).toBeLessThan(1100);
  });
});

describe("shellCommands", () => {
  it("joins continued lines, keeps here-documents whole and drops comments", () => {
    const page =
      "```sh\na --b \\\n  c   # why\ncat > f <<'EOF'\nx # y\nEOF\n```\n\n```json\nnot this\n```\n1. x\n\n   ```sh\n   d\n   ```\n";
    expect(shellCommands(page)).toEqual(["a --b c", "cat > f <<'EOF'\nx # y\nEOF", "d"]);
  });
});

describe("winnowProblem", () => {
  it.each([
    ['npx winnow ask "a --b"', null],
    ["npx winnow search x --k 3 --json", null],
    ["npm start -- --docs x --once", null],
    ["docker compose run --rm cli run --docs /docs", null],
    ["temporal workflow list --nothing", null],
    ["npx winnow serch x", "there is no such command"],
    ["npx winnow search x --kk 3", "no option --kk"],
    ["npx winnow releases rollbak", "there is no such command"],
    ["npx winnow schedule create --every 1h", "--docs is required"],
    ["npx winnow schedule create --every 1h --source x", null],
  ])("%s", (command, problem) => {
    const found = winnowProblem(command);
    if (problem === null) expect(found).toBeNull();
    else expect(found).toContain(problem);
  });
});
