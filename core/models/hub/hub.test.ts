import { describe, expect, test } from "vitest";
import { parseRepository } from "./repository.ts";
import { COMMIT, failed, times } from "./testing/fakeHub.ts";

import { config, Fetching, NAME, weights } from "./testing/fetching.ts";

const given = new Fetching();

describe("a repository", () => {
  test("is listed at the commit that its revision resolves to, with the size and digest of each file", async () => {
    const { name, commit, files } = await given.described(given.hub.call());
    expect({ name, commit }).toEqual({ name: NAME, commit: COMMIT });
    expect(files.map(({ path, bytes, digest }) => [path, bytes, digest.kind])).toEqual([
      ["config.json", 22, "git"],
      ["model.safetensors", 200_000, "sha256"],
    ]);
    expect(given.hub.lines()).toEqual([`hub GET /api/models/${NAME}/revision/main`]);
  });

  test("that was renamed is found under its old name", async () => {
    given.hub.repositories["old/small"] = { files: {}, renamedTo: NAME };
    expect((await given.described(given.hub.call(), "old/small")).name).toBe(NAME);
  });

  test("or revision that does not exist is refused with what to check", async () => {
    await expect(given.described(given.hub.call(), "org/none")).rejects.toMatchObject({
      code: "HubRefused",
      message: expect.stringMatching(
        /answered 401 \(Invalid .*\): there is no model org\/none, or it is private: check the name; set HF_TOKEN/,
      ),
    });
    await expect(given.described(given.hub.call({}, "hf_x"), "org/none")).rejects.toThrow(
      /answered 404 .*HF_TOKEN may not be allowed/,
    );
    await expect(given.described(given.hub.call(), `${NAME}@v9`)).rejects.toThrow(/org\/small has no revision v9/);
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
    given.hub.repositories[NAME]!.files["../../evil.json"] = config;
    given.hub.repositories[NAME]!.files["a\u001b[2J.json"] = config;
    expect((await given.described(given.hub.call())).files.map(({ path }) => path)).toEqual([
      "config.json",
      "model.safetensors",
    ]);
  });

  test("whose hub states no digests is not fetched", async () => {
    given.hub.faults.api.push((_request, response) => {
      response.end(JSON.stringify({ id: NAME, sha: COMMIT, siblings: [{ rfilename: "config.json" }] }));
      return true;
    });
    await expect(given.described(given.hub.call())).rejects.toThrow(
      /lists no file of org\/small with its size and digest/,
    );
  });

  test("in another form, too long, or from another kind of server is refused in words", async () => {
    given.hub.faults.api.push((_request, response) => {
      response.end("<html>a portal</html>");
      return true;
    });
    await expect(given.described(given.hub.call())).rejects.toThrow(
      /describes org\/small in a form that cannot be read; HF_ENDPOINT names the hub/,
    );
  });
});

describe("access", () => {
  test("to a gated model names the page where its terms are accepted; with a token it is read", async () => {
    given.hub.repositories[NAME] = { ...given.hub.repositories[NAME]!, token: "hf_good", gated: true };
    for (const token of [null, "hf_other"])
      await expect(given.described(given.hub.call({}, token))).rejects.toThrow(
        /is gated\. Accept its terms at http:\/\/127\.0\.0\.1:\d+\/org\/small, and set HF_TOKEN/,
      );
    expect((await given.described(given.hub.call({}, "hf_good"))).commit).toBe(COMMIT);
  });

  test("with a token that is not accepted says so, and never shows the token", async () => {
    given.hub.repositories[NAME] = { ...given.hub.repositories[NAME]!, token: "hf_good" };
    const failure = await given.described(given.hub.call({}, "hf_canary")).catch((error) => error);
    expect(failure.message).toMatch(/HF_TOKEN is not accepted there/);
    given.hub.faults.api.push((request, response) => {
      failed(response, 400, "", `you sent ${request.headers.authorization}`);
      return true;
    });
    const echoed = await given.described(given.hub.call({}, "hf_good")).catch((error) => error);
    expect(echoed.message).toMatch(/answered 400 \(you sent Bearer \*\*\*\)/);
    expect(`${failure.message}${echoed.message}`).not.toMatch(/hf_/);
  });

  test("sends the token to the hub and not to the storage host that it redirects to", async () => {
    given.hub.repositories[NAME] = { ...given.hub.repositories[NAME]!, token: "hf_good" };
    expect(weights.equals(await given.fetched("model.safetensors", given.hub.call({}, "hf_good")))).toBe(true);
    const sent = given.hub.seen.map(({ line, headers }) => [line.split(" ")[0], headers.authorization]);
    expect(sent).toEqual([
      ["hub", "Bearer hf_good"],
      ["hub", "Bearer hf_good"],
      ["storage", undefined],
    ]);
  });

  test("is not redirected to other schemes, to passwords, or in circles", async () => {
    for (const location of ["file:///etc/passwd", "http://user:pass@127.0.0.1/", "ftp://host/x"]) {
      given.hub.faults.api.unshift((_request, response) => {
        response.writeHead(302, { location });
        response.end();
        return true;
      });
      await expect(given.described(given.hub.call()), location).rejects.toThrow(
        /redirects to an address that is not followed/,
      );
    }
    given.hub.faults.api.unshift((request, response) => {
      response.writeHead(302, { location: request.url });
      response.end();
      return true;
    });
    await expect(given.described(given.hub.call())).rejects.toThrow(/redirects more than 6 times/);
  });
});

describe("a hub that fails", () => {
  const answering = (status: number, headers = {}) =>
    times(1, (_request, response) => {
      failed(response, status, "", "", headers);
      return true;
    });

  test("for a moment is asked again, after the wait that it asks for", async () => {
    given.hub.faults.api.push(answering(500), answering(503, { "retry-after": "0.05" }));
    given.hub.faults.storage.push(answering(429, { ratelimit: '"api";r=0;t=0' }));
    const began = performance.now();
    expect(weights.equals(await given.fetched("model.safetensors"))).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(50);
  });

  test("for long, or asks for a long wait, is unavailable with the wait", async () => {
    given.hub.faults.api.push(answering(429, { "retry-after": "55" }));
    await expect(given.described(given.hub.call())).rejects.toMatchObject({
      code: "HubUnavailable",
      retryAfterMs: 55_000,
    });
    given.hub.faults.api.push(...[500, 502, 504].map((status) => answering(status)));
    await expect(given.described(given.hub.call())).rejects.toMatchObject({
      code: "HubUnavailable",
      message: expect.stringMatching(/answered 504/),
    });
    expect((await given.described(given.hub.call())).commit).toBe(COMMIT);
  });

  test("by silence or without a connection names the setting", async () => {
    given.hub.faults.api.push(() => true);
    await expect(given.described(given.hub.call({ answerMs: 60, tries: 1 }))).rejects.toThrow(
      /did not answer within 0\.06 s/,
    );
    const call = given.hub.call({ tries: 1 });
    await given.hub.stop();
    await expect(given.described(call)).rejects.toThrow(
      /no connection to the model hub at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*HF_ENDPOINT names the hub/,
    );
    await given.hub.start();
  });
});
