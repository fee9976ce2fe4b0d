import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { Header } from "tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Passage } from "../../contracts/passage.ts";
import { decodePage } from "./decode.ts";
import { splitFrontMatter } from "./frontMatter.ts";
import { type Page, readPage } from "./pages.ts";
import { passagesOf } from "./passages.ts";
import { expandShortcodes } from "./shortcodes.ts";
import { Site } from "./site.ts";
import { docsRoot, readSource } from "./source.ts";

const words = (text: string) => text.split(/\s+/).filter(Boolean).length;

function ingest(body: string, maxTokens = 40): Passage[] {
  const page = readPage({ path: "a/page.md", bytes: Buffer.from(body) }) as Page;
  return passagesOf(page, new Site([page], "/docs/"), words, maxTokens).passages;
}

/** Words of the passages, heading trails included, without fences and bullets. */
function seen(passages: Passage[]): Set<string> {
  return new Set(passages.flatMap(({ heading, text }) => [...heading, text].join(" ").match(/[\p{L}\p{N}]+/gu) ?? []));
}

describe("a page", () => {
  it("becomes passages with trail, anchor and source lines", () => {
    const [intro, section] = ingest(
      "---\ntitle: Jobs\n---\nRun to completion.\n\n## Create one {#make}\n\nUse `kubectl`.\n",
    );
    expect(intro).toMatchObject({ heading: ["Jobs"], url: "/docs/a/page/", lines: [4, 4], text: "Run to completion." });
    expect(section).toMatchObject({
      heading: ["Jobs", "Create one"],
      url: "/docs/a/page/#make",
      lines: [8, 8],
      text: "Use kubectl.",
    });
  });

  it("keeps the sentence that introduces code, and the header of a table that is split", () => {
    const code = Array.from({ length: 60 }, (_, i) => `line${i}`).join("\n");
    const parts = ingest(`# T\n\nApply this:\n\n\`\`\`yaml\n${code}\n\`\`\`\n`);
    expect(parts.length).toBeGreaterThan(1);
    for (const { text } of parts) expect(text.startsWith("Apply this:")).toBe(true);
    const rows = Array.from({ length: 40 }, (_, i) => `| flag${i} | does${i} |`).join("\n");
    const tables = ingest(`# T\n\n| Flag | Meaning |\n| --- | --- |\n${rows}\n`);
    for (const { text } of tables) expect(text.startsWith("Flag | Meaning")).toBe(true);
  });

  it("loses no visible word, and no passage is over the budget", () => {
    const word = fc.stringMatching(/^[a-z]{3,9}[0-9]{1,3}$/);
    const line = fc.array(word, { minLength: 1, maxLength: 30 }).map((list) => list.join(" "));
    const block = fc.oneof(
      line,
      line.map((text) => `## ${text}`),
      fc.array(line, { minLength: 1, maxLength: 4 }).map((items) => items.map((item) => `- ${item}`).join("\n")),
      fc.array(line, { minLength: 1, maxLength: 4 }).map((items) => `\`\`\`\n${items.join("\n")}\n\`\`\``),
      fc
        .array(fc.tuple(word, line), { minLength: 1, maxLength: 4 })
        .map((rows) => `| x1 | y1 |\n| --- | --- |\n${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}`),
      line.map((text) => `> ${text}`),
      line.map((text) => `<div><p>${text}</p><table><tr><td>${text}</td></tr></table></div>`),
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 12 }), (blocks) => {
        const body = blocks.join("\n\n");
        const passages = ingest(`---\ntitle: Top1\n---\n${body}\n`, 80);
        const there = seen(passages);
        for (const wanted of body.replace(/<[^>]*>/g, " ").match(/[a-z]+[0-9]+/g) ?? [])
          expect(there).toContain(wanted);
        for (const { heading, text } of passages)
          expect(words(`${heading.join(" > ")} ${text}`)).toBeLessThanOrEqual(80 + 12);
      }),
      { numRuns: 60 },
    );
  });
});

describe("shortcodes", () => {
  const site = new Site([], "/docs/");
  const context = {
    term: () => null,
    glossary: () => null,
    featureGate: () => null,
    featureGateText: () => null,
    include: () => null,
    missing: () => {},
  };

  it("become what a reader sees, and every line stays where it was", () => {
    const body =
      '{{< note >}}\nMind\n{{< /note >}}\n\n## {{% heading "whatsnext" %}}\n{{< comment >}}\nhidden\n{{< /comment >}}\nend';
    const text = expandShortcodes(body, context);
    expect(text.split("\n")).toHaveLength(body.split("\n").length);
    expect(text).toContain("**Note:**\nMind");
    expect(text).toContain("## What's next");
    expect(text).not.toContain("hidden");
    expect(site.missing).toEqual({});
  });

  it("keep the number of lines, whatever stands in them", () => {
    const piece = fc.constantFrom(
      "{{<",
      ">}}",
      "{{%",
      "%}}",
      " note ",
      '"a b"',
      "\n",
      "/",
      'text="x"',
      '{{< tabs name="q" >}}',
      "word",
      "{{< /tabs >}}",
      "`",
      "{{< comment >}}",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const body = pieces.join("");
        expect(expandShortcodes(body, context).split("\n").length).toBe(body.split("\n").length);
      }),
      { numRuns: 300 },
    );
  });
});

describe("bytes that are no page", () => {
  it("are quarantined with the reason, in bounded time", () => {
    const reason = (bytes: Buffer | string) => (decodePage(Buffer.from(bytes as string)) as { reason?: string }).reason;
    expect(reason(Buffer.from([0x61, 0x00, 0x62]))).toMatch(/NUL/);
    expect(reason(Buffer.from([0xc3, 0x28]))).toMatch(/UTF-8/);
    expect(reason("x".repeat(50_000_000))).toMatch(/larger/);
    expect(reason("# h\n".repeat(100_000))).toMatch(/headings/);
    expect(reason("> ".repeat(10_000))).toMatch(/nested/);
    expect(reason("[".repeat(10_000))).toMatch(/punctuation/);
  });

  it("decode as UTF-8 with BOM, UTF-16, and with Windows line ends on the same lines", () => {
    expect(decodePage(Buffer.from("\ufeffa\r\nb"))).toEqual({ text: "a\nb" });
    expect(decodePage(Buffer.from("\ufeffhi", "utf16le"))).toEqual({ text: "hi" });
    expect(decodePage(Buffer.from("a\u202eb"))).toEqual({ text: "ab" });
  });

  it("have front matter that is refused, never evaluated", () => {
    expect(splitFrontMatter("---js\nprocess.exit(1)\n---\n")).toMatchObject({
      reason: expect.stringContaining('"js"'),
    });
    expect(splitFrontMatter("---\ntitle: [\n---\nx")).toMatchObject({ reason: expect.stringContaining("YAML") });
    expect(splitFrontMatter("---\ntitle: x\n")).toMatchObject({ reason: expect.stringContaining("not closed") });
    const bomb = `---\n${["a: &a [x,x,x,x,x,x,x,x,x]", ..."bcdefgh".split("").map((n, i) => `${n}: &${n} [${Array(9).fill(`*${"abcdefg"[i]}`).join(",")}]`)].join("\n")}\n---\n`;
    expect(splitFrontMatter(bomb)).toMatchObject({ reason: expect.stringContaining("alias") });
  });
});

describe("a source", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-source-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };

  it("is found below a Hugo site, and links in it are not followed", async () => {
    await put("content/en/docs/_index.md", "x");
    await put("content/en/docs/a/b.md", "y");
    await put("README.md", "z");
    await symlink("/etc", join(folder, "content/en/docs/etc"));
    await symlink(folder, join(folder, "content/en/docs/loop"));
    const { root, files } = await readSource(folder);
    expect(root).toBe("content/en/docs");
    expect(files.map((file) => file.path)).toEqual(["_index.md", "a/b.md"]);
    expect(docsRoot(["x/y/a.md", "x/y/b/c.md"])).toBe("x/y");
  });

  it("names what is missing or empty", async () => {
    await expect(readSource(join(folder, "nope"))).rejects.toMatchObject({
      code: "BadSource",
      message: expect.stringContaining("nope"),
    });
    await expect(readSource(folder)).rejects.toMatchObject({
      code: "BadSource",
      message: expect.stringContaining("no Markdown"),
    });
    await put("a.txt", "x");
    await expect(readSource(join(folder, "a.txt"))).rejects.toMatchObject({ code: "BadSource" });
  });

  it("refuses hostile archives by the entry's name", async () => {
    const entry = (
      path: string,
      type: "File" | "SymbolicLink" | "Link" | "CharacterDevice" = "File",
      linkpath?: string,
    ) => {
      const header = new Header({
        path,
        type,
        size: type === "File" ? 1 : 0,
        mode: 0o644,
        linkpath,
        mtime: new Date(0),
      });
      const block = Buffer.alloc(512);
      header.encode(block, 0);
      return type === "File" ? Buffer.concat([block, Buffer.from("x"), Buffer.alloc(511)]) : block;
    };
    const read = async (...blocks: Buffer[]) => {
      const file = join(folder, "docs.tar.gz");
      await writeFile(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
      return readSource(file);
    };
    expect((await read(entry("docs/a.md"), entry("docs/b.md"))).files.map((file) => file.path)).toEqual([
      "a.md",
      "b.md",
    ]);
    const refused = (name: string) => ({ code: "BadSource", message: expect.stringContaining(`"${name}"`) });
    await expect(read(entry("docs/../../x.md"))).rejects.toMatchObject(refused("docs/../../x.md"));
    await expect(read(entry("/etc/x.md"))).rejects.toMatchObject(refused("/etc/x.md"));
    await expect(read(entry("l.md", "SymbolicLink", "/etc/passwd"))).rejects.toMatchObject(refused("l.md"));
    await expect(read(entry("h.md", "Link", "a.md"))).rejects.toMatchObject(refused("h.md"));
    await expect(read(entry("dev.md", "CharacterDevice"))).rejects.toMatchObject(refused("dev.md"));
    await expect(read(entry("a.md"), entry("a.md"))).rejects.toMatchObject(refused("a.md"));
    await expect(read(entry("a.md"), entry("A.md"))).rejects.toMatchObject(refused("A.md"));
    const whole = await readFile(join(folder, "docs.tar.gz"));
    await writeFile(join(folder, "cut.tar.gz"), whole.subarray(0, whole.length / 2));
    await expect(readSource(join(folder, "cut.tar.gz"))).rejects.toMatchObject({ code: "BadSource" });
  });
});
