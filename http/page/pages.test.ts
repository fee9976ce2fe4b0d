import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, EmptyServers } from "../testing/emptyServers.ts";

const TOKEN = "a-token-of-this-test";
const HTML = { accept: "text/html,application/xhtml+xml" };
const FORM = { "content-type": "application/x-www-form-urlencoded", origin: "http://localhost:8090", ...HTML };

let servers: EmptyServers;
beforeAll(async () => {
  servers = await EmptyServers.open();
});
afterAll(() => servers.close());

const login = (fields: Record<string, string>, headers: object = {}) =>
  call(servers.app({ tokens: [TOKEN] }), "/login", {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: { ...FORM, ...headers },
  });

describe("pages", () => {
  it("load nothing inline and nothing from elsewhere", async () => {
    const response = await call(servers.app(), "/", { headers: HTML });
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc="\/)/);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it("name their style sheet and script by content, and browsers keep them for ever", async () => {
    const app = servers.app();
    const html = await (await call(app, "/")).text();
    const files = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files.map((path) => path.replace(/[0-9a-f]{16}/, "HASH"))).toEqual([
      "/assets/page.HASH.css",
      "/assets/ask.HASH.js",
    ]);
    for (const path of files) {
      const file = await call(app, path);
      expect([file.status, file.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
    }
    expect((await call(app, "/assets/ask.0000000000000000.js")).status).toBe(404);
  });

  it("say what is wrong as a page to a browser, and as JSON to a program", async () => {
    const page = await call(servers.app(), "/nothing-here", { headers: HTML });
    expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=UTF-8"]);
    expect(await page.text()).toContain("<h1>Not found</h1>");
    const json = await call(servers.app(), "/nothing-here");
    expect(json.headers.get("content-type")).toContain("application/json");
    const api = await call(servers.app(), "/v1/asks/none", { headers: HTML });
    expect(api.headers.get("content-type")).toContain("application/json");
  });
});

it("an error's way to try again leads to this server", async () => {
  const app = servers.app({ tokens: [TOKEN], ratePerMinute: 1 });
  const headers = { ...HTML, authorization: `Bearer ${TOKEN}` };
  await call(app, "/", { headers });
  for (const [path, retry] of [
    ["//evil.example/x", "/"],
    ["/?q=pods", "/?q=pods"],
  ] as const) {
    const response = await app.request(`http://localhost:8090${path}`, {
      headers: { host: "localhost:8090", ...headers },
    });
    const html = await response.text();
    expect([response.status, html]).toEqual([429, expect.stringContaining(`<a class="button" href="${retry}">`)]);
  }
});

describe("a browser signs in", () => {
  it("in place, with a token that never enters an address or the cookie", async () => {
    const app = servers.app({ tokens: [TOKEN] });
    const asked = await call(app, "/?q=pods", { headers: HTML });
    expect(asked.status).toBe(401);
    expect(await asked.text()).toContain('<input type="hidden" name="next" value="/?q=pods"/>');
    const done = await login({ token: TOKEN, next: "/?q=pods" });
    expect([done.status, done.headers.get("location")]).toEqual([303, "/?q=pods"]);
    const cookie = done.headers.get("set-cookie")!;
    expect(cookie).toMatch(/^winnow_session=\d+\.[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(TOKEN);
    const session = cookie.split(";")[0]!;
    expect((await call(app, "/", { headers: { ...HTML, cookie: session } })).status).toBe(200);
    expect((await call(app, "/v1/models", { headers: { cookie: session } })).status).not.toBe(401);
  });

  it("not with another token, an old or altered session, or from a page of another origin", async () => {
    const wrong = await login({ token: "another-token-of-16" });
    expect([wrong.status, wrong.headers.get("set-cookie")]).toEqual([401, null]);
    const app = servers.app({ tokens: [TOKEN], origins: ["https://docs.test"] });
    const session = (await login({ token: TOKEN })).headers.get("set-cookie")!.split(";")[0]!;
    const longer = session.replace(/=(\d)/, "=9$1");
    expect((await call(app, "/", { headers: { cookie: longer } })).status).toBe(401);
    const listed = { cookie: session, origin: "https://docs.test" };
    expect((await call(app, "/v1/models", { headers: listed })).status).toBe(401);
    for (const origin of ["https://evil.test", "null"])
      expect((await login({ token: TOKEN }, { origin })).status).toBe(403);
    const { origin: _, ...noOrigin } = FORM;
    const blind = { method: "POST", body: `token=${TOKEN}`, headers: noOrigin };
    expect((await call(servers.app({ tokens: [TOKEN] }), "/login", blind)).status).toBe(403);
  });

  it("by https with a secure cookie, and goes to a path of this server only", async () => {
    const secure = await login({ token: TOKEN, next: "//evil.test/x" }, { origin: "https://localhost:8090" });
    expect(secure.headers.get("set-cookie")).toContain("; Secure");
    expect(secure.headers.get("location")).toBe("/");
    for (const next of ["/\\evil.test", "https://evil.test", "/%5cevil.test/../..//evil.test"])
      expect((await login({ token: TOKEN, next })).headers.get("location")).toMatch(/^\/(?![/\\])/);
  });

  it("and out again", async () => {
    const app = servers.app({ tokens: [TOKEN] });
    const out = await call(app, "/logout", { method: "POST", headers: FORM });
    expect(out.headers.get("set-cookie")).toMatch(/^winnow_session=; Max-Age=0/);
  });
});

describe("the widget", () => {
  it("may be loaded by pages of any site, and asks only for listed ones", async () => {
    const app = servers.app({ origins: ["https://docs.test"] });
    const elsewhere = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" };
    const script = await call(app, "/widget.js", { headers: elsewhere });
    expect([script.status, script.headers.get("cross-origin-resource-policy")]).toEqual([200, "cross-origin"]);
    expect(await script.text()).toContain("winnow-ask");
    const asks = (origin: string) =>
      call(app, "/v1/ask", { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    expect((await asks("https://docs.test")).headers.get("access-control-allow-origin")).toBe("https://docs.test");
    expect((await asks("https://evil.test")).status).toBe(403);
  });
});

it("the scripts stay small", async () => {
  const app = servers.app();
  const [, path] = /"(\/assets\/ask[^"]+)"/.exec(await (await call(app, "/")).text())!;
  for (const file of [path!, "/widget.js"]) expect((await (await call(app, file)).text()).length).toBeLessThan(60_000);
});
