import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseSource, permitFile, permitSource } from "./sourceSpec.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "winnow-spec-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));
mkdirSync(join(base, "c#notes"));

describe("a source as users write it", () => {
  test.each([
    ["docs", { kind: "local", path: join(base, "docs") }],
    ["c#notes", { kind: "local", path: join(base, "c#notes") }],
    ["repo#main", { kind: "git", url: join(base, "repo"), ref: "main", host: null }],
    ["file:///srv/repo.git", { kind: "git", url: "/srv/repo.git", ref: "HEAD", host: null }],
    [
      "https://GitHub.com/org/repo#release/v1.2",
      { kind: "git", url: "https://github.com/org/repo", ref: "release/v1.2", host: "github.com" },
    ],
    [
      "ssh://git@host.example:2222/repo#v1",
      { kind: "git", url: "ssh://git@host.example:2222/repo", ref: "v1", host: "host.example" },
    ],
    [
      "git@host.example:org/repo.git#v1",
      { kind: "git", url: "git@host.example:org/repo.git", ref: "v1", host: "host.example" },
    ],
  ])("%s", (text, expected) => {
    expect(parseSource(text, base)).toEqual(expected);
  });

  test.each([
    ["ext::sh -c touch% /tmp/pwned", /https, ssh, or a path on this machine/],
    ["fd::17", /https, ssh, or a path on this machine/],
    ["http://host.example/repo#main", /https, ssh/],
    ["git://host.example/repo", /https, ssh/],
    ["file://host.example/repo", /https, ssh/],
    ["repo#--upload-pack=touch", /not a name of a branch/],
    ["repo#-b", /not a name of a branch/],
    ["repo#a..b", /not a name of a branch/],
    ["repo#", /not a name of a branch/],
    ["ssh://-oProxyCommand=touch/repo#main", /no repository|https, ssh/],
    ["https://user:secret@host.example/repo", /credential helper/],
    ["https://token@host.example/repo", /credential helper/],
    ["https://host.example/docs.tar.gz", /download it first/],
  ])("%s is refused", (text, why) => {
    expect(() => parseSource(text, base)).toThrow(why);
  });

  test("a host that begins like an option is read as a path, never passed to ssh", () => {
    expect(parseSource("-oProxyCommand=x@host:repo", base)).toMatchObject({ kind: "local" });
  });
});

describe("where docs may lie", () => {
  const inside = join(base, "allowed", "docs");
  const outside = join(base, "other");
  mkdirSync(inside, { recursive: true });
  mkdirSync(outside);
  symlinkSync(outside, join(base, "allowed", "way-out"));
  const policy = { roots: [join(base, "allowed")], hosts: ["git.example"], origins: [] };
  execFileSync("git", ["init", "--quiet", inside]);
  execFileSync("git", ["init", "--quiet", outside]);
  const check = (text: string) => permitSource(parseSource(text, base), policy);

  test("below the operator's folders, and on the operator's hosts", async () => {
    expect(await check("allowed/docs")).toEqual({ kind: "local", path: inside });
    expect(await check("allowed/docs#main")).toMatchObject({ kind: "git", url: join(inside, ".git") });
    expect(await check("https://git.example/repo#main")).toMatchObject({ url: "https://git.example/repo" });
  });

  test.each(["other", "other#main", `file://${outside}#main`, "allowed/way-out", "allowed/../other"])(
    "not %s",
    async (text) => {
      await expect(check(text)).rejects.toThrow(/does not lie below .*WINNOW_DOCS_ROOTS/);
    },
  );

  test("on no other host: neither a cloud metadata address nor one with the same prefix", async () => {
    for (const host of ["169.254.169.254", "localhost", "git.example.evil.test"])
      await expect(check(`https://${host}/repo`)).rejects.toThrow(/is not one of git\.example \(WINNOW_GIT_HOSTS\)/);
  });

  test("a file of another field, which the error names", async () => {
    const permit = (path: string) => permitFile(path, "training.pairs", policy);
    expect(await permit(join(base, "allowed", "docs"))).toBe(inside);
    await expect(permit(outside)).rejects.toThrow(/^training\.pairs: .* does not lie below/);
    await expect(permit(join(base, "absent"))).rejects.toThrow(/^training\.pairs: .*absent does not exist$/);
  });

  test("anywhere on this machine if the operator named no folder; a missing source is named", async () => {
    const open = { roots: null, hosts: [], origins: [] };
    expect(await permitSource(parseSource("other", base), open)).toEqual({ kind: "local", path: outside });
    await expect(permitSource(parseSource("absent", base), open)).rejects.toThrow(
      /docs\.path: .*absent does not exist/,
    );
  });
});
