import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchPages, resolveCommit } from "./gitSource.ts";
import { readSource } from "./source.ts";
import { parseSource, permitSource } from "./sourceSpec.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "winnow-local-repo-")));
const root = join(base, "allowed");
const secret = join(base, "secret");
const env = { PATH: process.env.PATH!, HOME: base };
afterAll(() => rmSync(base, { recursive: true, force: true }));

const git = (where: string, ...args: string[]) =>
  execFileSync("git", ["-C", where, "-c", "user.name=t", "-c", "user.email=t@t", ...args], { env, encoding: "utf8" });
function repository(path: string, text: string): string {
  mkdirSync(path, { recursive: true });
  execFileSync("git", ["init", "--quiet", "-b", "main", path], { env });
  writeFileSync(join(path, "page.md"), `# Page\n\n${text}\n`);
  git(path, "add", "-A");
  git(path, "commit", "--quiet", "-m", "one");
  return path;
}
/** Reads a source as a run does: permitted, resolved, fetched. */
async function read(path: string): Promise<string> {
  const source = await permitSource(parseSource(`${path}#main`, "/"), { roots: [root], hosts: [], origins: [] });
  if (source.kind !== "git") throw new Error("no git source");
  const out = mkdtempSync(join(base, "out-"));
  const commit = await resolveCommit(source, { env });
  await fetchPages({ url: source.url, commit }, { cacheDir: join(base, "cache"), outDir: out }, { env });
  return (await readSource(out)).files.map(({ bytes }) => bytes.toString("utf8")).join("");
}

beforeAll(() => {
  repository(secret, "the secret");
  git(secret, "worktree", "add", "--quiet", join(base, "secret-tree"), "-b", "tree");
});

describe("a repository below the operator's folders", () => {
  test("is read: its folder, its git folder, a bare one, a worktree and one that borrows objects inside", async () => {
    const own = repository(join(root, "own"), "own text");
    execFileSync("git", ["clone", "--quiet", "--bare", own, join(root, "bare.git")], { env });
    git(own, "worktree", "add", "--quiet", join(root, "tree"), "-b", "other");
    execFileSync("git", ["clone", "--quiet", "--shared", own, join(root, "borrows")], { env });
    for (const path of [own, join(own, ".git"), join(root, "bare.git"), join(root, "tree"), join(root, "borrows")])
      expect(await read(path), path).toContain("own text");
  });

  const objects = (name: string) => join(root, name, ".git", "objects");
  const traps: [string, (name: string) => void][] = [
    [
      "a .git file that names a repository outside",
      (name) => {
        mkdirSync(join(root, name));
        writeFileSync(join(root, name, ".git"), `gitdir: ${secret}/.git\n`);
      },
    ],
    [
      "a .git file with a relative path",
      (name) => {
        mkdirSync(join(root, name));
        writeFileSync(join(root, name, ".git"), "gitdir: ../../secret/.git\n");
      },
    ],
    [
      "a .git link",
      (name) => {
        mkdirSync(join(root, name));
        symlinkSync(join(secret, ".git"), join(root, name, ".git"));
      },
    ],
    [
      "a worktree of a repository outside",
      (name) => cpSync(join(base, "secret-tree"), join(root, name), { recursive: true }),
    ],
    [
      "a copied worktree folder whose common folder is outside",
      (name) => {
        cpSync(join(secret, ".git", "worktrees", "secret-tree"), join(root, name), { recursive: true });
        writeFileSync(join(root, name, "commondir"), `${secret}/.git\n`);
      },
    ],
    [
      "alternates outside",
      (name) => {
        repository(join(root, name), "x");
        writeFileSync(join(objects(name), "info", "alternates"), `${secret}/.git/objects\n`);
      },
    ],
    [
      "alternates behind alternates",
      (name) => {
        repository(join(root, name), "x");
        const between = join(root, `${name}-between`);
        execFileSync("git", ["init", "--quiet", "--bare", between], { env });
        writeFileSync(join(between, "objects", "info", "alternates"), `${secret}/.git/objects\n`);
        writeFileSync(join(objects(name), "info", "alternates"), `${between}/objects\n`);
      },
    ],
    [
      "linked objects",
      (name) => {
        repository(join(root, name), "x");
        rmSync(objects(name), { recursive: true });
        symlinkSync(join(secret, ".git", "objects"), objects(name));
      },
    ],
    [
      "linked packs",
      (name) => {
        repository(join(root, name), "x");
        rmSync(join(objects(name), "pack"), { recursive: true });
        symlinkSync(join(secret, ".git", "objects", "pack"), join(objects(name), "pack"));
      },
    ],
    [
      "a linked ref",
      (name) => {
        repository(join(root, name), "x");
        symlinkSync(join(secret, ".git", "refs", "heads", "main"), join(root, name, ".git", "refs", "heads", "linked"));
      },
    ],
    [
      "a partial clone, which fetches by itself",
      (name) => {
        repository(join(root, name), "x");
        const config = `[extensions]\n\tpartialClone = evil\n[remote "evil"]\n\turl = https://127.0.0.1:1/x\n\tpromisor = true\n`;
        appendFileSync(join(root, name, ".git", "config"), config);
      },
    ],
    [
      "included settings",
      (name) => {
        repository(join(root, name), "x");
        appendFileSync(join(root, name, ".git", "config"), `[include]\n\tpath = /etc/passwd\n`);
      },
    ],
    [
      "a .git pipe",
      (name) => {
        mkdirSync(join(root, name));
        execFileSync("mkfifo", [join(root, name, ".git")]);
      },
    ],
  ];
  test.each(traps)("is refused with %s", async (what, make) => {
    const name = what.replace(/\W+/g, "-");
    mkdirSync(root, { recursive: true });
    make(name);
    await expect(read(join(root, name))).rejects.toMatchObject({
      code: "BadSource",
      message: expect.stringMatching(/WINNOW_DOCS_ROOTS|names another source|not a git repository|cannot be checked/),
    });
  });

  test("is the one that is read, whatever lies beside it or in it", async () => {
    const name = join(root, "beside");
    repository(name, "beside text");
    renameSync(join(name, ".git"), `${name}-kept`);
    symlinkSync(join(secret, ".git"), `${name}.git`);
    await expect(read(name)).rejects.toThrow(/not a git repository/);
    renameSync(`${name}-kept`, join(name, ".git"));
    writeFileSync(join(name, ".git", ".git"), `gitdir: ${secret}/.git\n`);
    expect(await read(name)).toContain("beside text");
  });
});
