import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { Access } from "./access.ts";
import { VIEWS } from "./page/views.ts";
import { listen } from "./server.ts";
import { codeOf, EmptyServers, get, post } from "./testing/emptyServers.ts";

let servers: EmptyServers;
beforeAll(async () => {
  servers = await EmptyServers.open();
});
afterAll(() => servers.close());

const app = (access: Partial<Access> = {}, causes = true) => servers.app(access, causes);

describe("a body", () => {
  const question = (length: number) => JSON.stringify({ question: "a".repeat(length) });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""])(
    "of type %j is refused: a page of another site may send it unasked",
    async (type) => {
      const response = await post(app(), question(1), { "content-type": type });
      expect(response.status).toBe(415);
      expect(await codeOf(response)).toBe("UnsupportedMediaType");
    },
  );

  it.each(["application/json", "application/json; charset=utf-8", 'Application/JSON; charset="UTF-8"'])(
    "of type %s is read",
    async (type) => {
      expect(await codeOf(await post(app(), question(1), { "content-type": type }))).toBe("UnknownRelease");
    },
  );

  it("in a character set other than UTF-8, or compressed, is refused", async () => {
    expect((await post(app(), question(1), { "content-type": "application/json; charset=utf-16" })).status).toBe(415);
    expect((await post(app(), question(1), { "content-encoding": "gzip" })).status).toBe(415);
  });

  it("that is too large is refused, by its announced length or as it arrives", async () => {
    expect((await post(app(), question(300_000))).status).toBe(413);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const response = await post(app(), endless);
    expect(response.status).toBe(413);
    expect(await codeOf(response)).toBe("BodyTooLarge");
    expect(sent).toBeLessThan(1_000_000);
  });

  it("that is not UTF-8 is refused, where others would read a replacement character", async () => {
    const bytes = Buffer.concat([Buffer.from('{"question":"a'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    const response = await post(app(), bytes);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("the body is not valid UTF-8");
  });

  it.each([
    ["nothing", ""],
    ["cut JSON", '{"question":'],
    ["a million brackets", "[".repeat(250_000)],
    ["a list", "[]"],
    ["null", "null"],
    ["a question that is an object", '{"question":{"toString":"a"}}'],
    ["an empty question", '{"question":" \\n "}'],
    ["a question of 10,001 characters", question(10_001)],
    ["a prototype", '{"__proto__":{"question":"a"}}'],
    ["an unknown field", '{"question":"a","releases":"x"}'],
    ["a release that is a path", '{"question":"a","release":"../../etc/passwd"}'],
  ])("of %s is refused as bad input", async (_, body) => {
    const response = await post(app(), body);
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("BadInput");
  });
});

describe("an error", () => {
  it("of an unknown path or method names what there is", async () => {
    expect(await codeOf(await get(app(), {}, "/v1/nothing"))).toBe("NotFound");
    const response = await get(app(), {}, "/v1/ask");
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  it("shows its cause to callers on this machine, and to others only its code", async () => {
    const near = await (await get(app())).text();
    expect(near).toMatch(/TemporalUnreachable.*npx winnow up/);
    const response = await get(app({}, false));
    const far = await response.text();
    expect(far).toMatch(/Winnow cannot answer now \(TemporalUnreachable\)/);
    expect(far).not.toContain("npx");
    expect(servers.failures).toContain(response.headers.get("x-request-id"));
  });

  it("that nobody expected shows nothing of itself", async () => {
    const broken = app();
    broken.get("/broken", () => {
      throw new TypeError("password hunter2 in /home/user");
    });
    const response = await get(broken, {}, "/broken");
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain('"code":"Internal"');
    expect(text).not.toMatch(/hunter2|TypeError|home/);
  });

  it("and every other response forbids inline script, framing, sniffing and caching, without HSTS", async () => {
    for (const path of ["/nothing", "/healthz", "/docs", "/openapi.json"]) {
      const { headers } = await get(app(), {}, path);
      expect(headers.get("content-security-policy"), path).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get("content-security-policy")).not.toContain("unsafe-inline");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("strict-transport-security")).toBeNull();
      expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    }
  });

  it("keeps the caller's request id if it is a plain one", async () => {
    const id = async (given: string) =>
      (await get(app(), { "x-request-id": given }, "/healthz")).headers.get("x-request-id");
    expect(await id("abc-123")).toBe("abc-123");
    expect(await id('"><script>')).toMatch(/^[\w-]{36}$/);
  });
});

test("a browser that opens the bare address sees the page that asks", async () => {
  const reply = await get(app(), {}, "/");
  expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining("<title>Ask - Winnow</title>")]);
});

test("the description lists every route, and its page shows them without script or inline style", async () => {
  const described = (await (await get(app(), {}, "/openapi.json")).json()) as { openapi: string; paths: object };
  expect(described.openapi).toBe("3.1.0");
  const written = (path: string) => path.replace(/:(\w+)/g, "{$1}");
  const routes = app().routes.map(({ path }) => written(path));
  // MCP describes itself.
  const pages = ["/login", "/logout", ...VIEWS.map(({ path }) => written(path))];
  const plain = [
    ...pages,
    "/mcp",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/docs/style.css",
    "/widget.js",
    "/*",
  ];
  expect(Object.keys(described.paths).sort()).toEqual(
    [...new Set(routes)].filter((path) => !plain.includes(path) && !/^\/as(set|k)s\//.test(path)).sort(),
  );
  const page = await (await get(app(), {}, "/docs")).text();
  for (const path of Object.keys(described.paths)) expect(page).toContain(` ${path}</code></h2>`);
  expect(page).toContain("receipt.candidates[].scores.logit");
  expect(page).not.toMatch(/<script|<style|\sstyle=|\son\w+=|https?:\/\//);
});

describe("over a socket", () => {
  /** Sends raw bytes and returns what comes back until the connection ends, or for a second. */
  async function raw(port: number, text: string): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    let said = "";
    socket.setEncoding("latin1").on("data", (piece) => {
      said += piece;
    });
    socket.on("error", () => {});
    socket.write(text);
    await Promise.race([
      new Promise((settle) => socket.once("close", settle)),
      new Promise((settle) => setTimeout(settle, 1000)),
    ]);
    socket.destroy();
    return said;
  }

  it("the address that was connected to is allowed, and no other; malformed requests end the connection", async () => {
    const server = await listen(app(), { host: "127.0.0.2", port: 0 }).catch(() => null);
    const plain = await listen(app(), { host: "127.0.0.1", port: 0 });
    const ask = (host: string) =>
      raw(plain.port, `GET /v1/asks/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    try {
      if (server) {
        const response = await fetch(`http://127.0.0.2:${server.port}/v1/asks/x`);
        expect(response.status).toBe(503);
      }
      expect(await ask("127.0.0.2")).toMatch(/^HTTP\/1.1 403/);
      expect(await ask("evil.example")).toMatch(/^HTTP\/1.1 403/);
      expect(await ask("a b")).toMatch(/^HTTP\/1.1 4/);
      expect(await raw(plain.port, "GET / HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1.1 400/);
      expect(await raw(plain.port, "garbage\r\n\r\n")).toMatch(/^HTTP\/1.1 400/);
      expect(await raw(plain.port, `GET /${"a".repeat(100_000)} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/);
    } finally {
      await server?.close();
      await plain.close();
    }
  });
});
