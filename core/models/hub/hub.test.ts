import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchFile } from "./fetchFile.ts";
import type { HubCall } from "./hub.ts";
import { describeRepository, parseRepository } from "./repository.ts";
import { COMMIT, FakeHub, failed, times } from "./testing/fakeHub.ts";

const NAME = "org/small";
const weights = randomBytes(200_000);
const config = Buffer.from('{"model_type": "bert"}');

let hub: FakeHub;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "winnow-hub-"));
  hub = await new FakeHub().start();
  hub.repositories[NAME] = { files: { "config.json": config, "model.safetensors": weights } };
});

afterEach(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

const described = (call: HubCall, given = NAME) => describeRepository(call, parseRepository(given));

async function fetched(path: string, call = hub.call(), heard: (bytes: number) => void = () => {}): Promise<Buffer> {
  const { name, commit, files } = await described(call);
  const file = files.find((each) => each.path === path)!;
  await fetchFile(call, { name, commit, file }, join(folder, path), heard);
  return readFileSync(join(folder, path));
}

const rangesSeen = () => hub.seen.flatMap(({ headers }) => headers.range ?? []);

describe("a repository", () => {
  test("is listed at the commit that its revision resolves to, with the size and digest of each file", async () => {
    const { name, commit, files } = await described(hub.call());
    expect({ name, commit }).toEqual({ name: NAME, commit: COMMIT });
    expect(files.map(({ path, bytes, digest }) => [path, bytes, digest.kind])).toEqual([
      ["config.json", 22, "git"],
      ["model.safetensors", 200_000, "sha256"],
    ]);
    expect(hub.lines()).toEqual([`hub GET /api/models/${NAME}/revision/main`]);
  });

  test("that was renamed is found under its old name", async () => {
    hub.repositories["old/small"] = { files: {}, renamedTo: NAME };
    expect((await described(hub.call(), "old/small")).name).toBe(NAME);
  });

  test("or revision that does not exist is refused with what to check", async () => {
    await expect(described(hub.call(), "org/none")).rejects.toMatchObject({
      code: "HubRefused",
      message: expect.stringMatching(
        /answered 401 \(Repository not found\): there is no model org\/none for you: check the name; set HF_TOKEN/,
      ),
    });
    await expect(described(hub.call({}, "hf_x"), "org/none")).rejects.toThrow(
      /answered 404 .*HF_TOKEN may not be allowed/,
    );
    await expect(described(hub.call(), `${NAME}@v9`)).rejects.toThrow(/org\/small has no revision v9/);
  });

  test("is given by a name and a revision, and by nothing that leads elsewhere", () => {
    expect(parseRepository("org/small@refs/pr/1")).toEqual({ name: NAME, revision: "refs/pr/1" });
    for (const given of [
      "",
      "a/b/c",
      "../x",
      "org/small@",
      "org/small@../../x",
      "org/small@a b",
      "http://host/x",
      "org/small@a?b",
    ])
      expect(() => parseRepository(given), given).toThrow(/is no model|is no revision/);
  });

  test("whose file names lead out of it loses those files", async () => {
    hub.repositories[NAME]!.files["../../evil.json"] = config;
    hub.repositories[NAME]!.files["a\u001b[2J.json"] = config;
    expect((await described(hub.call())).files.map(({ path }) => path)).toEqual(["config.json", "model.safetensors"]);
  });

  test("in another form, too long, or from another kind of server is refused in words", async () => {
    hub.faults.api.push((_request, response) => {
      response.end("<html>a portal</html>");
      return true;
    });
    await expect(described(hub.call())).rejects.toThrow(
      /describes org\/small in a form that cannot be read; HF_ENDPOINT names the hub/,
    );
  });
});

describe("access", () => {
  test("to a gated model names the page where its terms are accepted; with a token it is read", async () => {
    hub.repositories[NAME] = { ...hub.repositories[NAME]!, token: "hf_good", gated: true };
    for (const token of [null, "hf_other"])
      await expect(described(hub.call({}, token))).rejects.toThrow(
        /is gated\. Accept its terms at http:\/\/127\.0\.0\.1:\d+\/org\/small, and set HF_TOKEN/,
      );
    expect((await described(hub.call({}, "hf_good"))).commit).toBe(COMMIT);
  });

  test("with a token that is not accepted says so, and never shows the token", async () => {
    hub.repositories[NAME] = { ...hub.repositories[NAME]!, token: "hf_good" };
    const failure = await described(hub.call({}, "hf_canary")).catch((error) => error);
    expect(failure.message).toMatch(/HF_TOKEN is not accepted there/);
    hub.faults.api.push((request, response) => {
      failed(response, 400, "", `you sent ${request.headers.authorization}`);
      return true;
    });
    const echoed = await described(hub.call({}, "hf_good")).catch((error) => error);
    expect(echoed.message).toMatch(/answered 400 \(you sent Bearer \*\*\*\)/);
    expect(`${failure.message}${echoed.message}`).not.toMatch(/hf_/);
  });

  test("sends the token to the hub and not to the storage host that it redirects to", async () => {
    hub.repositories[NAME] = { ...hub.repositories[NAME]!, token: "hf_good" };
    expect(weights.equals(await fetched("model.safetensors", hub.call({}, "hf_good")))).toBe(true);
    const sent = hub.seen.map(({ line, headers }) => [line.split(" ")[0], headers.authorization]);
    expect(sent).toEqual([
      ["hub", "Bearer hf_good"],
      ["hub", "Bearer hf_good"],
      ["storage", undefined],
    ]);
  });

  test("is not redirected to other schemes, to passwords, or in circles", async () => {
    for (const location of ["file:///etc/passwd", "http://user:pass@127.0.0.1/", "ftp://host/x"]) {
      hub.faults.api.unshift((_request, response) => {
        response.writeHead(302, { location });
        response.end();
        return true;
      });
      await expect(described(hub.call()), location).rejects.toThrow(/redirects to an address that is not followed/);
    }
    hub.faults.api.unshift((request, response) => {
      response.writeHead(302, { location: request.url });
      response.end();
      return true;
    });
    await expect(described(hub.call())).rejects.toThrow(/redirects more than 6 times/);
  });
});

describe("a file", () => {
  test("in git and one in large file storage are each checked by the digest that the hub states", async () => {
    const heard: number[] = [];
    expect(await fetched("config.json")).toEqual(config);
    expect(weights.equals(await fetched("model.safetensors", hub.call(), (bytes) => heard.push(bytes)))).toBe(true);
    expect(heard.at(-1)).toBe(200_000);
    expect([...heard].sort((a, b) => a - b)).toEqual(heard);
  });

  test("whose body is cut is continued where it ended", async () => {
    hub.faults.storage.push(
      times(1, (_request, response, body) => {
        response.writeHead(200, { "content-length": body.length });
        response.write(body.subarray(0, 120_000), () => setTimeout(() => response.destroy(), 20));
        return true;
      }),
    );
    expect(weights.equals(await fetched("model.safetensors"))).toBe(true);
    expect(rangesSeen().at(-1)).toBe("bytes=120000-");
  });

  test("is continued by the next command, and from the start where the server knows no ranges", async () => {
    for (const knowsRanges of [true, false]) {
      writeFileSync(join(folder, "model.safetensors.part"), weights.subarray(0, 50_000));
      if (!knowsRanges)
        hub.faults.storage.push((_request, response, body) => {
          response.end(body);
          return true;
        });
      expect(weights.equals(await fetched("model.safetensors"))).toBe(true);
      expect(rangesSeen().at(-1)).toBe("bytes=50000-");
    }
  });

  test("with an old beginning of other bytes is fetched anew", async () => {
    for (const old of [Buffer.alloc(50_000), Buffer.alloc(200_000), Buffer.alloc(300_000)]) {
      writeFileSync(join(folder, "model.safetensors.part"), old);
      expect(weights.equals(await fetched("model.safetensors"))).toBe(true);
      expect(existsSync(join(folder, "model.safetensors.part"))).toBe(false);
    }
  });

  test("with other bytes than the hub states is refused after a second try, and nothing stays", async () => {
    const altered = Buffer.from(weights);
    altered[7] = altered[7]! ^ 1;
    hub.faults.storage.push((_request, response) => {
      response.end(altered);
      return true;
    });
    await expect(fetched("model.safetensors")).rejects.toMatchObject({
      code: "HubRefused",
      message: expect.stringMatching(
        /sent other bytes of org\/small\/model\.safetensors than it states, twice: SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}/,
      ),
    });
    expect(existsSync(join(folder, "model.safetensors"))).toBe(false);
    expect(existsSync(join(folder, "model.safetensors.part"))).toBe(false);
    hub.faults.file.push((_request, response) => {
      response.end('{"model_type": "berd"}');
      return true;
    });
    await expect(fetched("config.json")).rejects.toThrow(/git blob id [0-9a-f]{40} instead of/);
  });

  test("that is a pointer of Git LFS is named as one", async () => {
    hub.faults.storage.push((_request, response) => {
      response.end(`version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 200000\n${" ".repeat(200_000)}`);
      return true;
    });
    await expect(fetched("model.safetensors")).rejects.toThrow(/it sent the pointer of Git LFS instead of the file/);
  });

  test("without an end is not read past its stated size", async () => {
    let sent = 0;
    hub.faults.storage.push((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on("drain", more);
      more();
      return true;
    });
    await expect(fetched("model.safetensors")).rejects.toThrow(/sent other bytes/);
    expect(sent).toBeLessThan(20_000_000);
  });

  test("that drips is given up after its window, and the rest is asked for again", async () => {
    hub.faults.storage.push(
      times(1, (_request, response, body) => {
        response.writeHead(200, { "content-length": body.length });
        response.write(body.subarray(0, 90_000));
        const drip = setInterval(() => response.write("x"), 20);
        response.on("close", () => clearInterval(drip));
        return true;
      }),
    );
    expect(weights.equals(await fetched("model.safetensors"))).toBe(true);
    expect(rangesSeen().length).toBeGreaterThan(0);
    hub.faults.storage.push((_request, response) => {
      response.write("x");
      return true;
    });
    rmSync(join(folder, "model.safetensors"));
    await expect(fetched("model.safetensors", hub.call({ tries: 2 }))).rejects.toThrow(
      /sent less than 1000 bytes in 0\.15 s/,
    );
  });

  test("of another part than asked for is fetched from the start", async () => {
    writeFileSync(join(folder, "model.safetensors.part"), weights.subarray(0, 50_000));
    hub.faults.storage.push(
      times(1, (_request, response, body) => {
        response.writeHead(206, { "content-range": `bytes 10-${body.length - 1}/${body.length}` });
        response.end(body.subarray(10));
        return true;
      }),
    );
    expect(weights.equals(await fetched("model.safetensors"))).toBe(true);
  });

  test("stays partial when the download is cancelled", async () => {
    const stop = new AbortController();
    hub.faults.storage.push((_request, response, body) => {
      response.writeHead(200, { "content-length": body.length });
      response.write(body.subarray(0, 100_000));
      return true;
    });
    const call = { ...hub.call({ slowMs: 5000 }), signal: stop.signal };
    const work = fetched("model.safetensors", call, (bytes) => bytes >= 100_000 && stop.abort());
    await expect(work).rejects.toMatchObject({ code: "Cancelled" });
    expect(statSync(join(folder, "model.safetensors.part")).size).toBe(100_000);
  });
});

describe("a hub that fails", () => {
  const answering = (status: number, headers = {}) =>
    times(1, (_request, response) => {
      failed(response, status, "", "", headers);
      return true;
    });

  test("for a moment is asked again, after the wait that it asks for", async () => {
    hub.faults.api.push(answering(500), answering(503, { "retry-after": "0.05" }));
    hub.faults.storage.push(answering(429, { ratelimit: '"api";r=0;t=0' }));
    const began = performance.now();
    expect(weights.equals(await fetched("model.safetensors"))).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(50);
  });

  test("for long, or asks for a long wait, is unavailable with the wait", async () => {
    hub.faults.api.push(answering(429, { "retry-after": "55" }));
    await expect(described(hub.call())).rejects.toMatchObject({ code: "HubUnavailable", retryAfterMs: 55_000 });
    hub.faults.api.push(...[500, 502, 504].map((status) => answering(status)));
    await expect(described(hub.call())).rejects.toMatchObject({
      code: "HubUnavailable",
      message: expect.stringMatching(/answered 504/),
    });
    expect((await described(hub.call())).commit).toBe(COMMIT);
  });

  test("by silence or without a connection names the setting", async () => {
    hub.faults.api.push(() => true);
    await expect(described(hub.call({ answerMs: 60, tries: 1 }))).rejects.toThrow(/did not answer within 0\.06 s/);
    const call = hub.call({ tries: 1 });
    await hub.stop();
    await expect(described(call)).rejects.toThrow(
      /no connection to the model hub at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*HF_ENDPOINT names the hub/,
    );
    await hub.start();
  });
});
