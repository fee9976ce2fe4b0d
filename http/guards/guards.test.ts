import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Access } from "../access.ts";
import type { App } from "../protocol.ts";
import { call, codeOf, EmptyServers, get, post } from "../testing/emptyServers.ts";
import { staysHere } from "./deciders.ts";
import { sessionOf } from "./session.ts";

const TOKEN = "0123456789abcdef0123456789";
const OWN_FORM = { "content-type": "application/x-www-form-urlencoded", origin: "http://localhost:8090" };

let servers: EmptyServers;
beforeAll(async () => {
  servers = await EmptyServers.open();
});
afterAll(() => servers.close());

const app = (access: Partial<Access> = {}, causes = true) => servers.app(access, causes);

describe("Host", () => {
  it.each(["localhost", "LOCALHOST:8090", "127.0.0.1:1", "[::1]:8090", "localhost."])("%s passes", async (host) => {
    expect((await get(app(), { host })).status).toBe(503);
  });

  it.each([
    ...["evil.example", "evil.example:8090", "0.0.0.0:8090", "localhost.evil.example", "127.0.0.1.evil.example"],
    ...["", "localhost@evil.example", "localhost/x", "169.254.169.254", "[::ffff:10.0.0.1]", "local\u0130host"],
  ])("%j is refused, with the setting that allows it", async (host) => {
    const response = await app().request("http://localhost/v1/asks/ask-0", { headers: safe({ host }) });
    expect(response.status).toBe(403);
    expect(await response.text()).toMatch(/HostNotAllowed.*--allowed-hosts/);
  });

  it("of a proxy passes where it is listed, with any port", async () => {
    const listed = app({ allowedHosts: ["docs.example.com"] });
    for (const host of ["docs.example.com", "Docs.Example.Com:443"])
      expect((await get(listed, { host })).status).toBe(503);
    expect((await get(listed, { host: "www.docs.example.com" })).status).toBe(403);
  });

  it("is checked for every path but those of probes", async () => {
    for (const path of ["/v1/ask", "/openapi.json", "/docs", "/v1/models", "/nothing"])
      expect((await get(app(), { host: "evil.example" }, path)).status, path).toBe(403);
    expect((await get(app(), { host: "10.0.0.7" }, "/healthz")).status).toBe(200);
    expect(await (await get(app(), { host: "10.0.0.7" }, "/readyz")).text()).toBe("no release serves yet\n");
  });
});

/** A name outside ASCII cannot be a header of `fetch`; a client of its own sends its bytes. */
function safe(headers: { host: string }): Record<string, string> {
  return { host: Buffer.from(headers.host, "utf8").toString("latin1") };
}

describe("Origin", () => {
  const write = (headers: object, on = app()) => post(on, '{"question":"a"}', headers);

  it("of this server passes, also behind a proxy that speaks https", async () => {
    for (const origin of ["http://localhost:8090", "https://localhost:8090"])
      expect((await write({ origin })).status).toBe(404);
  });

  it.each([
    "http://evil.example",
    "null",
    "http://localhost:3000",
    "http://localhost",
    "file://",
    "http://0.0.0.0:8090",
  ])("%s is refused for reads and writes", async (origin) => {
    expect(await codeOf(await write({ origin }))).toBe("OriginNotAllowed");
    expect(await codeOf(await get(app(), { origin }))).toBe("OriginNotAllowed");
  });

  it.each(["cross-site", "same-site"])(
    "is absent, but Sec-Fetch-Site is %s: writes and reads are refused",
    async (site) => {
      expect(await codeOf(await write({ "sec-fetch-site": site }))).toBe("OriginNotAllowed");
      // A picture, which the page cannot read but which makes the server work.
      const picture = { "sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
      for (const path of ["/v1/asks/ask-0", "/v1/models", "/", "/openapi.json"])
        expect(await codeOf(await get(app(), picture, path))).toBe("OriginNotAllowed");
      const frame = { "sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
      expect(await codeOf(await get(app(), frame))).toBe("OriginNotAllowed");
    },
  );

  it("is absent: a person follows a link of another site, a page loads the widget, and this server's own pages read", async () => {
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect((await get(app(), link, "/docs")).status).toBe(200);
    expect((await get(app(), link)).status).toBe(503);
    expect(await codeOf(await write(link))).toBe("OriginNotAllowed");
    const script = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" };
    expect((await get(app(), script, "/widget.js")).status).not.toBe(403);
    for (const site of ["same-origin", "none"]) expect((await get(app(), { "sec-fetch-site": site })).status).toBe(503);
  });

  it("gets CORS headers only where it is listed", async () => {
    const origin = "https://docs.example.com";
    const preflight = (on: App) =>
      call(on, "/v1/ask", { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    expect((await preflight(app())).headers.get("access-control-allow-origin")).toBeNull();
    expect((await get(app(), {}, "/healthz")).headers.get("access-control-allow-origin")).toBeNull();
    const listed = app({ origins: [origin], tokens: [TOKEN] });
    const allowed = await preflight(listed);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe(origin);
    expect(allowed.headers.get("access-control-allow-credentials")).toBeNull();
    const other = await write({ origin: "https://evil.example", authorization: `Bearer ${TOKEN}` }, listed);
    expect(other.status).toBe(403);
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("a proxy", () => {
  it("in front of loopback keeps addresses and folders from its callers", async () => {
    const path = "/v1/asks/ask-0";
    const message = async (headers: object) => (await get(app(), headers, path)).text();
    expect(await message({})).toContain("winnow up");
    for (const name of ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
      expect(await message({ [name]: "10.0.0.7" }), name).not.toContain("winnow up");
  });

  it.each([
    [{}, true],
    [{ allowedHosts: ["docs.example.com"] }, false],
    [{ origins: ["https://docs.example.com"] }, false],
    [{ origins: ["http://localhost:3000", "http://[::1]:1"] }, true],
  ])("is expected by %j: the server stays on this machine is %s", (access, here) => {
    expect(staysHere({ allowedHosts: [], origins: [], ...access })).toBe(here);
  });
});

describe("a token", () => {
  const guarded = () => app({ tokens: ["another-token-of-the-team", TOKEN] });

  it("is asked for where one is set, in the header alone", async () => {
    const none = await get(guarded());
    expect(none.status).toBe(401);
    expect(none.headers.get("www-authenticate")).toBe('Bearer realm="winnow"');
    expect(await codeOf(none)).toBe("Unauthorized");
    expect((await get(guarded(), { authorization: `Bearer ${TOKEN}` })).status).toBe(503);
    expect((await get(guarded(), { authorization: `bearer ${TOKEN}` })).status).toBe(503);
  });

  it.each([
    ["another", `Bearer ${TOKEN}x`],
    ["a part of one", `Bearer ${TOKEN.slice(0, -1)}`],
    ["two joined", `Bearer another-token-of-the-team,${TOKEN}`],
    ["an empty one", "Bearer "],
    ["Basic", `Basic ${Buffer.from(`user:${TOKEN}`).toString("base64")}`],
    ["a cookie's place", TOKEN],
  ])("that is %s is refused", async (_, authorization) => {
    expect((await get(guarded(), { authorization })).status).toBe(401);
  });

  it("is not needed where none is set, and any is accepted: chat pages send an empty one", async () => {
    expect((await get(app(), { authorization: "Bearer whatever" })).status).toBe(503);
  });

  it.each(["token", "access_token", "api_key", "api-key", "apikey", "key", "Authorization", "auth"])(
    "in the URL as %s is refused and not echoed, even where none is needed",
    async (name) => {
      const response = await get(app(), {}, `/v1/asks/ask-0?${name}=${TOKEN}`);
      const text = await response.text();
      expect(response.status).toBe(400);
      expect(text).toMatch(/TokenInUrl.*Authorization: Bearer/);
      expect(text).not.toContain(TOKEN);
    },
  );

  it("has its own rate, and the refusal says when to come again", async () => {
    const limited = app({ tokens: [TOKEN, "another-token-of-the-team"], ratePerMinute: 2 });
    const ask = (token: string) => get(limited, { authorization: `Bearer ${token}` });
    expect([(await ask(TOKEN)).status, (await ask(TOKEN)).status]).toEqual([503, 503]);
    const refused = await ask(TOKEN);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(await codeOf(refused)).toBe("TooManyRequests");
    expect((await ask("another-token-of-the-team")).status).toBe(503);
  });

  it("that may only ask is refused everywhere else, and by the page", async () => {
    const asking = "a-token-that-only-asks";
    const both = app({ tokens: [TOKEN], askTokens: [asking] });
    const status = async (path: string, init: object = {}, token = asking) =>
      (await call(both, path, { ...init, headers: { authorization: `Bearer ${token}` } })).status;
    const passing = ["/v1/asks/a", "/v1/passages/p", "/asks/a/prepared", "/asks/a/sources"];
    for (const path of passing) expect([401, 403], path).not.toContain(await status(path));
    for (const path of ["/v1/ask", "/v1/feedback"]) expect(await status(path, { method: "POST" })).toBe(415);
    const refused = ["/", "/releases", "/runs", "/docs-health", "/asks/a", "/v1/asks/a/votes", "/v1/models", "/no"];
    for (const path of [...refused, "/releases/abc/ladder.svg", "//v1/ask"]) expect(await status(path), path).toBe(403);
    for (const path of ["/releases/abc", "/runs/r", "/asks/a", "/mcp", "/v1/search", "/v1/chat/completions"])
      expect(await status(path, { method: "POST" }), path).toBe(403);
    expect(await status("/v1/asks/a", {}, "an-unknown-token-of-16")).toBe(401);
    expect(await codeOf(await get(both, { authorization: `Bearer ${asking}` }, "/v1/models"))).toBe("TokenOnlyAsks");
    const login = { method: "POST", body: `token=${asking}`, headers: { ...OWN_FORM, host: "localhost:8090" } };
    expect((await call(both, "/login", login)).status).toBe(401);
    const session = { cookie: `winnow_session=${sessionOf(asking)}` };
    expect((await get(both, session)).status).toBe(401);
  });

  it("is not needed for the description of the API", async () => {
    for (const path of ["/openapi.json", "/docs", "/docs/style.css", "/healthz"])
      expect((await get(guarded(), {}, path)).status, path).toBe(200);
  });
});
