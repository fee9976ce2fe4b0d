import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { create, Header } from "tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { docsRoot, readSource } from "./source.ts";
import { sourceDigest } from "./sourceDigest.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-source-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = async (path: string, text: string) => {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
};

describe("the docs root", () => {
  it.each([
    [["_index.md", "a/_index.md", "a/b.md"], ""],
    [
      ["content/en/docs/_index.md", "content/de/docs/_index.md", "content/de/docs/x.md", "README.md"],
      "content/en/docs",
    ],
    [["site/_index.md", "site/a/b.md"], "site"],
    [["x/y/a.md", "x/y/b/c.md"], "x/y"],
    [["a.md", "b/c.md"], ""],
  ])("of %j is %j", (paths, root) => {
    expect(docsRoot(paths)).toBe(root);
  });
});

describe("a folder", () => {
  it("returns its Markdown files in order, without hidden folders and links", async () => {
    await put("content/en/docs/_index.md", "x");
    await put("content/en/docs/a/b.MD", "y");
    await put("content/en/docs/.git/c.md", "z");
    await put("content/en/docs/pic.png", "z");
    await put("README.md", "z");
    await symlink("/etc", join(folder, "content/en/docs/etc"));
    await symlink(folder, join(folder, "content/en/docs/loop"));
    const { root, files } = await readSource(folder);
    expect(root).toBe("content/en/docs");
    expect(files.map((file) => file.path)).toEqual(["_index.md", "a/b.MD"]);
  });

  it("takes of JSON and YAML what its content makes a page, and leaves the docs root to the others", async () => {
    const api = `{"info":{"title":"x","description":"${"long ".repeat(2_000)}"},"openapi":"3.1.0"}`;
    await put("docs/a.md", "x");
    await put("docs/data.json", '{"openapi-ish": 1}');
    await put("docs/api/api.json", api);
    await put("docs/api/v0.yaml", "swagger: '2.0'\n");
    await put("docs/api/huge.json", `{"x":"${"y".repeat(21_000_000)}"}`);
    await put("api.yml", "openapi: 3.0.0\n");
    await put("mkdocs.yml", "site_name: x\n");
    await create({ file: join(folder, "site.tar.gz"), gzip: true, cwd: folder }, ["docs", "api.yml", "mkdocs.yml"]);
    for (const place of [folder, join(folder, "site.tar.gz")]) {
      const { root, files, generator } = await readSource(place);
      expect([root, generator]).toEqual(["docs", "mkdocs"]);
      expect(files.map(({ path }) => path)).toEqual(["a.md", "api/api.json", "api/v0.yaml"]);
      expect(files[1]!.bytes.toString()).toBe(api);
    }
  });

  it("is read the same in whatever folder it lies", async () => {
    await put("modules/x/examples/docs/a.md", "x");
    await put("modules/x/examples/docs/data.json", '{"x": 1}');
    const { files } = await readSource(join(folder, "modules/x/examples/docs"));
    expect(files.map(({ path }) => path)).toEqual(["a.md"]);
  });

  it("may itself be a link", async () => {
    await put("docs/a.md", "x");
    await symlink(join(folder, "docs"), join(folder, "link"));
    expect((await readSource(join(folder, "link"))).files).toHaveLength(1);
  });

  it("of reStructuredText is refused with what to do, unless it holds pages too", async () => {
    for (const name of ["index.rst", "a.rst", "notes.txt"]) await put(name, "x");
    const refused = { code: "BadSource", message: expect.stringMatching(/2 files of reStructuredText .*make html/) };
    await expect(readSource(folder)).rejects.toMatchObject(refused);
    const archive = join(folder, "docs.tar.gz");
    await create({ gzip: true, file: archive, cwd: folder }, ["index.rst", "a.rst"]);
    await expect(readSource(archive)).rejects.toMatchObject(refused);
    await put("_build/html/index.html", "<h1>A</h1>");
    expect((await readSource(folder)).files.map(({ path }) => path)).toEqual(["index.html"]);
    await put("b.md", "x");
    expect((await readSource(folder)).files.map(({ path }) => path)).toEqual(["b.md", "notes.txt"]);
  });

  it("is a page alone, without those beside it", async () => {
    await put("a.md", "x");
    await put("b.md", "y");
    await put("api.yaml", "openapi: 3.1.0");
    await put("values.yaml", "a: 1");
    for (const page of ["a.md", "api.yaml"])
      expect((await readSource(join(folder, page))).files.map(({ path }) => path)).toEqual([page]);
    await expect(readSource(join(folder, "values.yaml"))).rejects.toMatchObject({ code: "BadSource" });
  });

  it("is named if it is missing, empty, or no page", async () => {
    const refused = (text: string) => ({ code: "BadSource", message: expect.stringContaining(text) });
    await expect(readSource(join(folder, "nope"))).rejects.toMatchObject(refused("nope"));
    await expect(readSource(folder)).rejects.toMatchObject(refused("no Markdown"));
    await put("a.png", "x");
    await expect(readSource(join(folder, "a.png"))).rejects.toMatchObject(refused("neither a folder nor a .tar.gz"));
  });

  it("has the same digest as its archive, until a page changes", async () => {
    await put("docs/a.md", "x");
    await put("docs/b/c.md", "y");
    await create({ gzip: true, file: join(folder, "docs.tar.gz"), cwd: folder }, ["docs"]);
    const before = await sourceDigest(join(folder, "docs"));
    expect(await sourceDigest(join(folder, "docs.tar.gz"))).toEqual({ ...before, kind: "archive" });
    await put("docs/a.md", "x2");
    expect((await sourceDigest(join(folder, "docs"))).digest).not.toBe(before.digest);
  });
});

describe("the configuration of MkDocs", () => {
  const generator = async (path: string) => (await readSource(join(folder, path))).generator;

  it("changes the digest, inside a folder, above it, or in an archive", async () => {
    await put("site/docs/guide/a.md", "x");
    const digests = async () =>
      Promise.all(
        ["site", "site/docs", "site/docs/guide"].map(async (path) => (await sourceDigest(join(folder, path))).digest),
      );
    const without = await digests();
    await put("site/mkdocs.yml", "site_name: x");
    const before = await digests();
    for (const [i, digest] of before.entries()) expect(digest).not.toBe(without[i]);
    await put("site/mkdocs.yml", "site_name: y");
    expect(await digests()).toEqual(before);
    await create({ gzip: true, file: join(folder, "site.tar.gz"), cwd: folder }, ["site"]);
    expect((await sourceDigest(join(folder, "site.tar.gz"))).digest).toBe(before[0]);
  });

  it("counts above the docs root, but for an archive only inside it", async () => {
    await put("a/docs/x.md", "x");
    await put("a/docs/other/y.md", "x");
    await put("a/docs/other/mkdocs.yml", "");
    expect(await generator("a")).toBeNull();
    await create({ gzip: true, file: join(folder, "a/site.tar.gz"), cwd: join(folder, "a") }, ["docs"]);
    await put("a/mkdocs.yaml", "");
    expect(await generator("a/docs")).toBe("mkdocs");
    expect(await generator("a/site.tar.gz")).toBeNull();
  });
});

type Kind = "File" | "SymbolicLink" | "Link" | "CharacterDevice" | "FIFO";

function entry(path: string, type: Kind = "File", content = "x"): Buffer {
  const header = new Header({
    path,
    type,
    size: type === "File" ? content.length : 0,
    mode: 0o644,
    linkpath: type.endsWith("Link") ? "/etc/passwd" : undefined,
    mtime: new Date(0),
  });
  const block = Buffer.alloc(512);
  header.encode(block, 0);
  if (type !== "File") return block;
  return Buffer.concat([block, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

async function archive(...blocks: Buffer[]): Promise<string> {
  const file = join(folder, "docs.tar.gz");
  await writeFile(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
  return file;
}

describe("an archive", () => {
  it("returns its Markdown files", async () => {
    const { files, kind } = await readSource(await archive(entry("docs/b.md", "File", "two"), entry("docs/a.md")));
    expect(kind).toBe("archive");
    expect(files.map(({ path, bytes }) => [path, bytes.toString()])).toEqual([
      ["a.md", "x"],
      ["b.md", "two"],
    ]);
  });

  it.each([
    ["docs/../../x.md", [entry("docs/../../x.md")]],
    ["../x.txt", [entry("../x.txt")]],
    ["/etc/x.md", [entry("/etc/x.md")]],
    ["C:/x.md", [entry("C:/x.md")]],
    ["a\\..\\x.md", [entry("a\\..\\x.md")]],
    ["link.md", [entry("link.md", "SymbolicLink")]],
    ["hard.md", [entry("a.md"), entry("hard.md", "Link")]],
    ["dev", [entry("a.md"), entry("dev", "CharacterDevice")]],
    ["fifo.md", [entry("fifo.md", "FIFO")]],
    ["a.md", [entry("a.md"), entry("./a.md"), entry("a.md")]],
    ["A.md", [entry("a.md"), entry("A.md")]],
  ])("is refused by its entry %s, and nothing is written", async (name, blocks) => {
    const file = await archive(...blocks);
    await expect(readSource(file)).rejects.toMatchObject({
      code: "BadSource",
      message: expect.stringContaining(name),
    });
    expect(await readdir(folder)).toEqual(["docs.tar.gz"]);
  });

  it("is refused if it is truncated, damaged, or not an archive", async () => {
    const noise = Array.from({ length: 3000 }, (_, i) => (i * 7919).toString(36)).join("");
    const whole = await readFile(await archive(entry("docs/a.md", "File", noise)));
    const cut = join(folder, "cut.tar.gz");
    for (const length of [0, 1, 20, 1000, whole.length - 1]) {
      await writeFile(cut, whole.subarray(0, length));
      await expect(readSource(cut)).rejects.toMatchObject({ code: "BadSource" });
    }
    await writeFile(cut, gzipSync(entry("docs/a.md", "File", noise).subarray(0, 3000)));
    await expect(readSource(cut)).rejects.toMatchObject({ code: "BadSource" });
    await writeFile(cut, gzipSync("this is no archive".repeat(100)));
    await expect(readSource(cut)).rejects.toMatchObject({ code: "BadSource" });
  });

  it("keeps only enough of an oversized page to refuse it", async () => {
    const { files } = await readSource(await archive(entry("big.md", "File", "y".repeat(6_000_000)), entry("a.md")));
    expect(files.map(({ bytes }) => bytes.length)).toEqual([1, 5_000_001]);
  });
});
