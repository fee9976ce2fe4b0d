import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Weaviate } from "./weaviate.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A client of a server with one reply to every request. */
async function clientOf(answer: (request: IncomingMessage, response: ServerResponse) => void, read = 10_000) {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Weaviate({ url, apiKey: "a-secret-key" }, { read, write: read });
}

const status = (code: number, text = "") => clientOf((_, response) => response.writeHead(code).end(text));
const json = (value: unknown) => status(200, JSON.stringify(value));
const failing = async (client: Weaviate) => {
  const error = await client.search("Winnow_x", new Float32Array([1, 0]), 5).catch((error) => error);
  expect(String(error.message)).not.toContain("a-secret-key");
  return { code: error.code, message: String(error.message) };
};

describe("Weaviate's client", () => {
  it("searches by vector and converts ids and distances to rows and inner products", async () => {
    let asked = "";
    const hit = (row: string, distance: number) => ({
      _additional: { id: `00000000-0000-0000-0000-${row}`, distance },
    });
    const client = await clientOf((request, response) => {
      request.on("data", (text) => {
        asked += text;
      });
      const hits = [hit("00000000000a", -0.9), hit("000000000000", 0.25)];
      request.on("end", () => response.end(JSON.stringify({ data: { Get: { Winnow_x: hits } } })));
      expect(request.headers.authorization).toBe("Bearer a-secret-key");
    });
    expect(await client.search("Winnow_x", new Float32Array([0.5, -1]), 2)).toEqual([
      { row: 10, score: 0.9 },
      { row: 0, score: -0.25 },
    ]);
    expect(JSON.parse(asked).query).toMatch(/Winnow_x\(nearVector: \{ vector: \[0.5,-1\] \}, limit: 2\)/);
  });

  it("sends a request once more when the server closed the connection, and no more than once", async () => {
    let requests = 0;
    let closed = 1;
    const client = await clientOf((request, response) => {
      requests++;
      if (closed-- > 0) request.socket.destroy();
      else response.end(JSON.stringify({ data: { Get: { Winnow_x: [] } } }));
    });
    expect(await client.search("Winnow_x", new Float32Array([1, 0]), 5)).toEqual([]);
    expect(requests).toBe(2);
    closed = Number.POSITIVE_INFINITY;
    await expect(client.write("Winnow_x", [])).rejects.toMatchObject({ code: "VectorServerUnavailable" });
    expect(requests).toBe(4);
  });

  it("treats retryable failures as unavailable: 5xx, 429, truncated and malformed replies, a refused connection", async () => {
    for (const code of [500, 503, 429])
      expect(await failing(await status(code, "busy"))).toMatchObject({ code: "VectorServerUnavailable" });
    expect(await failing(await status(200, "{"))).toMatchObject({ code: "VectorServerUnavailable" });
    for (const empty of ["", "null"]) {
      expect(await failing(await status(200, empty))).toMatchObject({ code: "VectorServerUnavailable" });
      await expect((await status(200, empty)).write("Winnow_x", [])).rejects.toMatchObject({
        code: "VectorServerUnavailable",
        message: expect.stringContaining("an empty reply"),
      });
    }
    const cut = await clientOf((_, response) => {
      response.writeHead(200, { "content-length": 1000 }).write("{");
      setTimeout(() => response.destroy(), 20);
    });
    expect(await failing(cut)).toMatchObject({ code: "VectorServerUnavailable" });
    const refused = await failing(new Weaviate({ url: "http://127.0.0.1:9", apiKey: "a-secret-key" }));
    expect(refused.code).toBe("VectorServerUnavailable");
    expect(refused.message).toMatch(/POST http:\/\/127\.0\.0\.1:9\/v1\/graphql: .*WINNOW_VECTORS/);
  });

  it("times out on a server that accepts a request and does not reply", async () => {
    const silent = await failing(await clientOf(() => {}, 100));
    expect(silent).toMatchObject({ code: "VectorServerUnavailable", message: /no reply in time/ });
  });

  it("does not retry a refusal: a wrong key, a redirect, a query of an unknown collection", async () => {
    const key = await failing(await status(401, "no"));
    expect(key).toMatchObject({ code: "VectorServerRefused", message: /Set WINNOW_VECTORS_API_KEY/ });
    const away = await clientOf((_, response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end());
    expect(await failing(away)).toMatchObject({ code: "VectorServerRefused", message: /Redirects are not followed/ });
    const unknown = await json({ errors: [{ message: 'Cannot query field "Winnow_x"' }] });
    expect(await failing(unknown)).toMatchObject({ code: "VectorServerRefused", message: /Cannot query field/ });
  });

  it("names the row that the server rejected", async () => {
    const result = { errors: { error: [{ message: "disk full" }] } };
    const client = await json([{ id: "00000000-0000-0000-0000-0000000000ff", result }]);
    await expect(client.put("Winnow_x", 250, new Float32Array(20), 2)).rejects.toMatchObject({
      code: "VectorServerUnavailable",
      message: expect.stringMatching(/row 255: disk full/),
    });
  });
});
