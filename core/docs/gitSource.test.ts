import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchPages, resolveCommit } from "./gitSource.ts";
import { readSource } from "./source.ts";
import { parseSource } from "./sourceSpec.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-git-"));
const url = join(folder, "repo");
const env = { PATH: process.env.PATH!, HOME: folder };
const cacheDir = join(folder, "cache");
const git = (...args: string[]) =>
  execFileSync("git", ["-C", url, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
    env,
    encoding: "utf8",
  }).trim();
const commit = (message: string) => {
  git("add", "-A");
  git("commit", "--quiet", "-m", message);
  return git("rev-parse", "HEAD");
};
const resolve = (ref?: string) => {
  const spec = parseSource(ref === undefined ? `file://${url}` : `${url}#${ref}`, "/");
  if (spec.kind !== "git") throw new Error("no git source");
  return resolveCommit(spec, { env });
};
const files = (outDir: string) => readdirSync(outDir, { recursive: true, encoding: "utf8" }).sort();

let first: string;
let second: string;
beforeAll(() => {
  mkdirSync(join(url, "docs"), { recursive: true });
  execFileSync("git", ["init", "--quiet", "-b", "main", url], { env });
  writeFileSync(join(url, "docs", "a.md"), "# A\n$Format:%H$\n");
  writeFileSync(join(url, ".gitattributes"), "docs export-ignore\n*.md text eol=crlf export-subst\n");
  writeFileSync(join(url, "logo.png"), "png");
  symlinkSync("/etc/hostname", join(url, "docs", "link.md"));
  first = commit("one");
  git("tag", "-a", "v1", "-m", "first");
  git("branch", "feature/main");
  writeFileSync(join(url, "docs", "b.md"), "# B\n");
  writeFileSync(join(url, "docs", "api.json"), '{\n  "openapi": "3.1.0" }');
  writeFileSync(join(url, "package.json"), "{}");
  second = commit("two");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a branch, an annotated tag, a whole commit id and the default branch resolve to commits", async () => {
  expect(await resolve("main")).toBe(second);
  expect(await resolve("v1")).toBe(first);
  expect(await resolve(first)).toBe(first);
  expect(await resolve()).toBe(second);
  expect(await resolve("feature/main")).toBe(first);
});

test("a missing ref is named", async () => {
  await expect(resolve("v9")).rejects.toMatchObject({ code: "BadSource", message: expect.stringContaining("v9") });
});

test("a commit's pages are read as committed, whatever the repository's attributes; links are left out", async () => {
  const outDir = join(folder, "pages-2");
  await fetchPages({ url, commit: second }, { cacheDir, outDir }, { env });
  expect(files(outDir)).toEqual(["docs", join("docs", "a.md"), join("docs", "api.json"), join("docs", "b.md")]);
  expect(readFileSync(join(outDir, "docs", "a.md"), "utf8")).toBe("# A\n$Format:%H$\n");
});

test("the configuration of MkDocs comes with the pages", async () => {
  writeFileSync(join(url, "mkdocs.yml"), "site_name: x\n");
  const outDir = join(folder, "pages-mkdocs");
  await fetchPages({ url, commit: commit("mkdocs") }, { cacheDir, outDir }, { env });
  expect((await readSource(outDir)).generator).toBe("mkdocs");
});

test("another commit of the same repository is fetched into the same cache", async () => {
  const outDir = join(folder, "pages-1");
  await fetchPages({ url, commit: first }, { cacheDir, outDir }, { env });
  expect(files(outDir)).toEqual(["docs", join("docs", "a.md")]);
  expect(readdirSync(cacheDir)).toHaveLength(1);
});

test("a hook from the user's templates does not run", async () => {
  const templates = join(folder, "templates", "hooks");
  mkdirSync(templates, { recursive: true });
  for (const hook of ["reference-transaction", "post-checkout"])
    writeFileSync(join(templates, hook), `#!/bin/sh\ntouch ${join(folder, "pwned")}\n`, { mode: 0o755 });
  const hostile = { ...env, GIT_TEMPLATE_DIR: join(folder, "templates") };
  const folders = { cacheDir: join(folder, "cache-2"), outDir: join(folder, "pages-3") };
  await fetchPages({ url, commit: second }, folders, { env: hostile });
  expect(readdirSync(folder)).not.toContain("pwned");
});

test("a folder that is not a repository is unavailable, and named", async () => {
  mkdirSync(join(folder, "plain"));
  const spec = { kind: "git" as const, url: join(folder, "plain"), ref: "main", host: null };
  await expect(resolveCommit(spec, { env })).rejects.toMatchObject({
    code: "SourceUnavailable",
    message: expect.stringContaining("plain"),
  });
});
