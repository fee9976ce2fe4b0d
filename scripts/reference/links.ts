import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./source.ts";

/** Documentation pages for readers. Samples are a corpus with the links of its own site. */
export function documentationPages(): string[] {
  const folders = ["docs", "research", "infra", "tests/faults"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "samples/README.md", ...folders];
  return pages.filter((file) => file.endsWith(".md")).sort();
}

/** Relative links of a page whose target is missing: a file, or a heading or anchor in one. */
export function brokenLinks(page: string): string[] {
  return linksIn(proseOf(read(page))).filter((link) => !/^[a-z]+:/i.test(link) && leadsNowhere(page, link));
}

function leadsNowhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && !(target.endsWith(".md") && anchorsOf(read(target)).has(anchor));
}

/** Missing project files that a page names as code, such as `core/base/errors.ts`. */
export function missingFiles(page: string): string[] {
  const named = [...proseOf(read(page)).matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|mjs|json|py|yaml|yml|env|sh))`/g)];
  const files = named.map(([, file = ""]) => (file.startsWith("../") ? join(dirname(page), file) : file));
  return files.filter((file) => isOurs(file) && !existsSync(join(root, file)));
}

/** Pages and headings that a source file's comments and messages name, such as docs/evaluation.md#gate, and that are not there. */
export function brokenMentions(file: string): string[] {
  const mentions = read(file).matchAll(/\bdocs\/(?:[a-z-]+\/)*[a-z-]+\.md(?:#[\w-]+)?/g);
  return [...mentions].map(([mention]) => mention).filter((mention) => leadsNowhere("README.md", mention));
}

function isOurs(file: string): boolean {
  const [folder = ""] = file.split("/");
  return folder !== "node_modules" && existsSync(join(root, folder));
}

function read(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** A page without its blocks of code. */
function proseOf(markdown: string): string {
  return markdown.replace(/^( *)```[\s\S]*?^\1```$/gm, "");
}

function linksIn(prose: string): string[] {
  const shown = prose.replace(/`[^`\n]*`/g, "");
  return [...shown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
}

/** Ids of a page's anchors, and of its headings as GitHub makes them. */
function anchorsOf(markdown: string): Set<string> {
  const prose = proseOf(markdown);
  const anchors = new Set([...prose.matchAll(/<a id="([^"]+)"/g)].map(([, id = ""]) => id));
  for (const [, heading = ""] of prose.matchAll(/^#{1,6} +(.+)$/gm)) anchors.add(unique(slug(heading), anchors));
  return anchors;
}

function slug(heading: string): string {
  const text = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .trim()
    .toLowerCase();
  return text.replace(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-");
}

function unique(anchor: string, taken: Set<string>): string {
  if (!taken.has(anchor)) return anchor;
  let count = 1;
  while (taken.has(`${anchor}-${count}`)) count++;
  return `${anchor}-${count}`;
}
