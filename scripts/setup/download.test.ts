import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf, download } from "./download.mjs";

const content = Buffer.from("weights");
const sha256 = createHash("sha256").update(content).digest("hex");

describe("download", () => {
  let server: Server;
  let base: string;
  let folder: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/hang") return;
      if (request.url === "/cut") {
        response.writeHead(200, { "content-length": "1000" }).write("half");
        setTimeout(() => response.destroy(), 20);
        return;
      }
      response.writeHead(request.url === "/gone" ? 404 : 200).end(content);
    });
    await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = await mkdtemp(join(tmpdir(), "winnow-download-"));
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("keeps a file whose digest is right", async () => {
    const file = join(folder, "right");
    await download(`${base}/file`, file, sha256);
    expect(await readFile(file, "utf8")).toBe("weights");
    expect(await digestOf(file)).toBe(sha256);
  });

  it("keeps nothing of other bytes, and says which digest came", async () => {
    const before = await readdir(folder);
    await expect(download(`${base}/file`, join(folder, "wrong"), "0".repeat(64))).rejects.toThrow(sha256);
    expect(await readdir(folder)).toEqual(before);
  });

  it("keeps nothing of a cut transfer or an error page", async () => {
    const before = await readdir(folder);
    await expect(download(`${base}/cut`, join(folder, "cut"), sha256)).rejects.toThrow();
    await expect(download(`${base}/gone`, join(folder, "gone"), sha256)).rejects.toThrow("answered 404");
    expect(await readdir(folder)).toEqual(before);
  });

  it("gives up on a server that does not answer within the time", async () => {
    const started = Date.now();
    await expect(download(`${base}/hang`, join(folder, "hang"), sha256, 200)).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(3000);
  });

  it("gives no digest for a file that is not there", async () => {
    expect(await digestOf(join(folder, "absent"))).toBeNull();
  });
});
