import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { damaged, download, placeFile, placeFolder } from "./files.mjs";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

let folder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("download", () => {
  let server;
  let base;
  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === "/missing") return response.writeHead(404).end("none");
      response.writeHead(200);
      if (request.url === "/stalls") return response.write("half of ");
      response.end("weights");
    });
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    base = `http://127.0.0.1:${server.address().port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it("keeps a file whose SHA-256 is the pinned one", async () => {
    const file = join(folder, "deep", "model.bin");
    await download(`${base}/model`, file, sha256("weights"));
    expect(await readFile(file, "utf8")).toBe("weights");
    expect(await readdir(join(folder, "deep"))).toEqual(["model.bin"]);
  });

  it("removes a file with other bytes, and names both digests", async () => {
    const wanted = sha256("other weights");
    const failure = await download(`${base}/model`, join(folder, "model.bin"), wanted).catch((error) => error);
    expect(failure.message).toContain(wanted);
    expect(failure.message).toContain(sha256("weights"));
    expect(await readdir(folder)).toEqual([]);
  });

  it("gives up on a server that stops sending, and leaves nothing", async () => {
    const slow = download(`${base}/stalls`, join(folder, "model.bin"), sha256("weights"), { idleMs: 100 });
    await expect(slow).rejects.toThrow(/sent nothing more within 0.1 s/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("names the address and its answer", async () => {
    await expect(download(`${base}/missing`, join(folder, "x"), sha256(""))).rejects.toThrow(/\/missing answered 404/);
  });
});

describe("damaged", () => {
  it("names files that are missing or have other bytes", async () => {
    await writeFile(join(folder, "good"), "a");
    await writeFile(join(folder, "changed"), "b");
    const pinned = { good: sha256("a"), changed: sha256("a"), absent: sha256("a") };
    expect(await damaged(folder, pinned)).toEqual(["changed", "absent"]);
  });
});

describe("placeFolder", () => {
  it("replaces the old folder in one step", async () => {
    const target = join(folder, "model");
    await mkdir(target);
    await writeFile(join(target, "old"), "");
    await placeFolder(target, (draft) => writeFile(join(draft, "new"), ""));
    expect(await readdir(target)).toEqual(["new"]);
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("leaves the old folder as it was when filling fails", async () => {
    const target = join(folder, "model");
    await mkdir(target);
    await writeFile(join(target, "old"), "");
    const failing = placeFolder(target, async (draft) => {
      await writeFile(join(draft, "half"), "");
      throw new Error("connection lost");
    });
    await expect(failing).rejects.toThrow("connection lost");
    expect(await readdir(target)).toEqual(["old"]);
    expect(await readdir(folder)).toEqual(["model"]);
  });
});

describe("placeFile", () => {
  it("replaces a running program's file, and sets its mode", async () => {
    await writeFile(join(folder, "from"), "#!/bin/sh\n");
    await writeFile(join(folder, "to"), "old");
    await placeFile(join(folder, "from"), join(folder, "to"), 0o755);
    expect(await readFile(join(folder, "to"), "utf8")).toBe("#!/bin/sh\n");
    expect(await readdir(folder)).toEqual(["from", "to"]);
  });
});
