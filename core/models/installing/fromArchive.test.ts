import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { create, Header } from "tar";
import { describe, expect, test } from "vitest";
import { unpackModel } from "./fromArchive.ts";
import { folderFiles } from "./fromFolder.ts";
import { Installing } from "./testing/installing.ts";

const given = new Installing();

/** A `.tar.gz` with one entry that a careful archiver would not write. */
function tarWith(
  entry: { path: string; type?: "File" | "SymbolicLink"; linkpath?: string },
  body = Buffer.from("{}"),
): string {
  const block = Buffer.alloc(512);
  const head = new Header({
    size: entry.type === "SymbolicLink" ? 0 : body.length,
    type: "File",
    mode: 0o644,
    ...entry,
  });
  head.encode(block);
  const padded = Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
  const file = join(given.home, "given.tar.gz");
  writeFileSync(
    file,
    gzipSync(Buffer.concat([block, ...(entry.type === "SymbolicLink" ? [] : [padded]), Buffer.alloc(1024)])),
  );
  return file;
}

describe("a model in an archive", () => {
  const into = () => mkdtempSync(join(given.home, "unpacked-"));

  test("is found below the archive's top folder, and installed as from a folder", async () => {
    const archive = join(given.home, "small.tar.gz");
    writeFileSync(given.at("pytorch_model.bin"), "x");
    await create({ gzip: true, file: archive, cwd: join(given.folder, "..") }, [given.folder.split("/").at(-1)!]);
    const unpacked = await unpackModel(archive, into());
    expect(existsSync(join(unpacked, "pytorch_model.bin"))).toBe(false);
    const model = await given.install({ files: await folderFiles(unpacked), source: { from: "archive" } });
    expect(model.artifact).toEqual((await given.install()).artifact);
  });

  test("with entries that lead elsewhere, twice the same, or too large is refused unpacked", async () => {
    const cases: [Parameters<typeof tarWith>, RegExp][] = [
      [[{ path: "../config.json" }], /entry "\.\.\/config\.json" leads out of the archive/],
      [[{ path: "/etc/config.json" }], /is not a relative path/],
      [
        [{ path: "m/config.json", type: "SymbolicLink", linkpath: "/etc/passwd" }],
        /is a SymbolicLink; only files and folders/,
      ],
      [
        [{ path: "m/config.json" }, Buffer.alloc(3_000_000, 0x20)],
        /has 3000000 bytes, more than the 2000000 that are read/,
      ],
    ];
    for (const [entry, message] of cases) {
      const target = into();
      await expect(unpackModel(tarWith(...entry), target), entry[0].path).rejects.toThrow(message);
      expect(readdirSync(target)).toEqual([]);
    }
    expect(existsSync(join(given.home, "config.json"))).toBe(false);
  });

  test("that is damaged, no archive, or of no model or several is refused in words", async () => {
    const sound = tarWith({ path: "m/config.json" });
    const bytes = readFileSync(sound);
    writeFileSync(sound, bytes.subarray(0, bytes.length - 12));
    await expect(unpackModel(sound, into())).rejects.toThrow(/is not a valid \.tar\.gz/);
    writeFileSync(sound, "no archive");
    await expect(unpackModel(sound, into())).rejects.toThrow(/is not a valid \.tar\.gz/);
    await expect(unpackModel(tarWith({ path: "m/x.txt" }), into())).rejects.toThrow(/holds no config\.json of a model/);
    for (const name of ["a", "b"]) {
      mkdirSync(join(given.home, "two", name), { recursive: true });
      writeFileSync(join(given.home, "two", name, "config.json"), "{}");
    }
    await create({ gzip: true, file: sound, cwd: given.home }, ["two"]);
    await expect(unpackModel(sound, into())).rejects.toThrow(/holds several models: two\/a, two\/b/);
  });
});
