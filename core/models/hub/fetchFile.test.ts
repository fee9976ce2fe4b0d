import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cutAfter, failed, times } from "./testing/fakeHub.ts";

import { config, Fetching, weights } from "./testing/fetching.ts";

const given = new Fetching();

const rangesSeen = () => given.hub.seen.flatMap(({ headers }) => headers.range ?? []);

describe("a file", () => {
  test("in git and one in large file storage are each checked by the digest that the hub states", async () => {
    const heard: number[] = [];
    expect(await given.fetched("config.json")).toEqual(config);
    expect(
      weights.equals(await given.fetched("model.safetensors", given.hub.call(), (bytes) => heard.push(bytes))),
    ).toBe(true);
    expect(heard.at(-1)).toBe(200_000);
    expect([...heard].sort((a, b) => a - b)).toEqual(heard);
  });

  test("whose body is cut is continued where it ended", async () => {
    const part = join(given.folder, "model.safetensors.part");
    const arrived = () => (existsSync(part) ? statSync(part).size : 0);
    given.hub.faults.storage.push(times(1, cutAfter(120_000, arrived)));
    expect(weights.equals(await given.fetched("model.safetensors"))).toBe(true);
    expect(rangesSeen().at(-1)).toBe("bytes=120000-");
  });

  test("is continued by the next command, and from the start where the server knows no ranges", async () => {
    for (const knowsRanges of [true, false]) {
      writeFileSync(join(given.folder, "model.safetensors.part"), weights.subarray(0, 50_000));
      if (!knowsRanges)
        given.hub.faults.storage.push((_request, response, body) => {
          response.end(body);
          return true;
        });
      expect(weights.equals(await given.fetched("model.safetensors"))).toBe(true);
      expect(rangesSeen().at(-1)).toBe("bytes=50000-");
      rmSync(join(given.folder, "model.safetensors"));
    }
  });

  test("is requested from the hub again after the storage host refused it, and its fetched part stays", async () => {
    const part = join(given.folder, "model.safetensors.part");
    const refusing = (status: number) =>
      times(1, (_request, response) => {
        failed(response, status, "", "");
        return true;
      });
    writeFileSync(part, weights.subarray(0, 50_000));
    given.hub.faults.storage.push(refusing(403), refusing(416));
    expect(weights.equals(await given.fetched("model.safetensors"))).toBe(true);
    expect(rangesSeen().at(-1)).toBe("bytes=50000-");
    rmSync(join(given.folder, "model.safetensors"));
    writeFileSync(part, weights.subarray(0, 50_000));
    given.hub.faults.storage.push(refusing(403));
    await expect(given.fetched("model.safetensors", given.hub.call({ tries: 1 }))).rejects.toMatchObject({
      code: "HubUnavailable",
      message: expect.stringMatching(
        /^http:\/\/127.*, which http.* redirects to, answered 403 for a file of org\/small/,
      ),
    });
    given.hub.faults.storage.push(refusing(404));
    await expect(given.fetched("model.safetensors")).rejects.toMatchObject({
      code: "HubRefused",
      message: expect.stringMatching(/redirects to, answered 404 for org\/small/),
    });
    expect(statSync(part).size).toBe(50_000);
  });

  test("with an old beginning of other bytes is fetched anew", async () => {
    for (const old of [Buffer.alloc(50_000), Buffer.alloc(200_000), Buffer.alloc(300_000)]) {
      writeFileSync(join(given.folder, "model.safetensors.part"), old);
      expect(weights.equals(await given.fetched("model.safetensors"))).toBe(true);
      expect(existsSync(join(given.folder, "model.safetensors.part"))).toBe(false);
      rmSync(join(given.folder, "model.safetensors"));
    }
  });

  test("with other bytes than the hub states is refused after a second try, and nothing stays", async () => {
    const altered = Buffer.from(weights);
    altered[7] = altered[7]! ^ 1;
    given.hub.faults.storage.push((_request, response) => {
      response.end(altered);
      return true;
    });
    await expect(given.fetched("model.safetensors")).rejects.toMatchObject({
      code: "HubRefused",
      message: expect.stringMatching(
        /sent other bytes of org\/small\/model\.safetensors than it states, twice: SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}/,
      ),
    });
    expect(existsSync(join(given.folder, "model.safetensors"))).toBe(false);
    expect(existsSync(join(given.folder, "model.safetensors.part"))).toBe(false);
    given.hub.faults.file.push((_request, response) => {
      response.end('{"model_type": "berd"}');
      return true;
    });
    await expect(given.fetched("config.json")).rejects.toThrow(/git blob id [0-9a-f]{40} instead of/);
  });

  test("that is a pointer of Git LFS is named as one", async () => {
    given.hub.faults.storage.push((_request, response) => {
      response.end(`version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 200000\n${" ".repeat(200_000)}`);
      return true;
    });
    await expect(given.fetched("model.safetensors")).rejects.toThrow(
      /it sent the pointer of Git LFS instead of the file/,
    );
  });

  test("without an end is not read past its stated size", async () => {
    let sent = 0;
    given.hub.faults.storage.push((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on("drain", more);
      more();
      return true;
    });
    await expect(given.fetched("model.safetensors")).rejects.toThrow(/sent other bytes/);
    expect(sent).toBeLessThan(20_000_000);
  });

  test("that drips is given up after its window, and the rest is asked for again", async () => {
    given.hub.faults.storage.push(
      times(1, (_request, response, body) => {
        response.writeHead(200, { "content-length": body.length });
        response.write(body.subarray(0, 90_000));
        const drip = setInterval(() => response.write("x"), 20);
        response.on("close", () => clearInterval(drip));
        return true;
      }),
    );
    expect(weights.equals(await given.fetched("model.safetensors"))).toBe(true);
    expect(rangesSeen().length).toBeGreaterThan(0);
    given.hub.faults.storage.push((_request, response) => {
      response.write("x");
      return true;
    });
    rmSync(join(given.folder, "model.safetensors"));
    await expect(given.fetched("model.safetensors", given.hub.call({ tries: 2 }))).rejects.toThrow(
      /sent less than 1000 bytes in 0\.15 s/,
    );
  });

  test("of another part than asked for is fetched from the start", async () => {
    writeFileSync(join(given.folder, "model.safetensors.part"), weights.subarray(0, 50_000));
    given.hub.faults.storage.push(
      times(1, (_request, response, body) => {
        response.writeHead(206, { "content-range": `bytes 10-${body.length - 1}/${body.length}` });
        response.end(body.subarray(10));
        return true;
      }),
    );
    expect(weights.equals(await given.fetched("model.safetensors"))).toBe(true);
  });

  test("stays partial when the download is cancelled", async () => {
    const stop = new AbortController();
    given.hub.faults.storage.push((_request, response, body) => {
      response.writeHead(200, { "content-length": body.length });
      response.write(body.subarray(0, 100_000));
      return true;
    });
    const call = { ...given.hub.call({ slowMs: 5000 }), signal: stop.signal };
    const work = given.fetched("model.safetensors", call, (bytes) => bytes >= 100_000 && stop.abort());
    await expect(work).rejects.toMatchObject({ code: "Cancelled" });
    expect(statSync(join(given.folder, "model.safetensors.part")).size).toBe(100_000);
  });
});
