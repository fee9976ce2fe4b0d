import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDetails } from "../../client/runDetails.ts";
import { STAGES } from "../../contracts/names.ts";
import { createApp } from "../app.ts";
import { FORM_KEY } from "../guards/deciders.ts";
import { elements, field } from "../testing/html.ts";
import { type LocalServer, localServer } from "../testing/localDoors.ts";

const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(1)> "'`;
const FORM = { "content-type": "application/x-www-form-urlencoded", origin: "http://localhost" };

let server: LocalServer;
let first: string;
let second: string;
beforeAll(async () => {
  server = await localServer();
  const { release, tiny } = server;
  first = release.id;
  const gate = { ...release.manifest.gate, promoted: false, reason: HOSTILE };
  gate.criteria = [{ name: HOSTILE, passed: false, detail: HOSTILE }];
  const manifest = { ...release.manifest, createdAt: "2026-02-01T00:00:00Z", ranking: "retrieval" as const, gate };
  const other = await tiny.context.releases.commit(manifest);
  second = other.id;
  await tiny.context.releases.promote(other, { expected: first, by: HOSTILE, reason: HOSTILE });
});
afterAll(() => server.end());

const get = (path: string, headers: object = {}) =>
  server.again().request(path, { headers: { host: "localhost", accept: "text/html", ...headers } });

async function page(path: string, status = 200): Promise<string> {
  const response = await get(path);
  expect(response.status).toBe(status);
  const html = await response.text();
  // The texts of people and docs are text, whatever they hold.
  expect(elements(html, "script")).toEqual([]);
  expect(elements(html, "img").filter(({ attributes }) => attributes.src === "x")).toEqual([]);
  expect(html).not.toMatch(/\sstyle=|<style/);
  return html;
}

const texts = (html: string, tag: string, className?: string) => elements(html, tag, className).map(({ text }) => text);
const post = (path: string, fields: object, headers: object = {}) =>
  server.again().request(path, {
    method: "POST",
    headers: { host: "localhost", accept: "text/html", ...FORM, ...headers },
    body: new URLSearchParams({ key: FORM_KEY, ...fields }).toString(),
  });

describe("Releases", () => {
  it("lists the champion and its candidates with intervals, and what served when", async () => {
    const html = await page("/releases");
    const rows = texts(html, "tr").slice(1);
    expect(rows[0]).toMatch(new RegExp(`^${second}.*serves.*2026-02-01 00:00.*retrieval.*0\\.\\d{3} 0\\.\\d{3} to `));
    expect(rows[1]).toMatch(new RegExp(`^${first}served before`));
    expect(html).toContain(`/releases/${first}?against=${second}`);
    expect(await page("/releases?corpus=things")).toContain(second);
    expect(texts(await page("/releases?corpus=typo", 404), "p")[0]).toBe('There is no corpus "typo" here.');
    expect(rows.slice(-2).map((row) => row.includes("the first"))).toEqual([false, true]);
    expect(texts(html, "div", "notice")[0]).toMatch(/^Temporal does not answer\. .*winnow up/);
  });

  it("shows the ladder, the curves as pictures and the parts of one, by the start of its id", async () => {
    const html = await page(`/releases/${first.slice(0, 8)}`);
    expect(texts(html, "h1")[0]).toContain(first);
    expect(texts(html, "caption")).toContain("Artifacts, each fixed by its digest");
    const pictures = elements(html, "img").map(({ attributes }) => attributes);
    expect(pictures.map(({ src }) => src)).toEqual(
      ["ladder", "reliability", "thresholds"].map((chart) => `/releases/${first}/${chart}.svg`),
    );
    expect(pictures.every(({ alt }) => alt && alt.length > 20)).toBe(true);
    for (const { src } of pictures) {
      const picture = await get(src!);
      expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
      expect(await picture.text()).toMatch(/^<svg /);
    }
    expect((await get(`/releases/${first}/other.svg`)).status).toBe(404);
    // The gate of the other one is hostile.
    expect(await page(`/releases/${second}`)).toContain("&lt;script>alert(1)&lt;/script>");
    expect(texts(await page("/releases/ffff", 404), "h1")).toEqual(["Not found"]);
  });

  it("compares question by question, with the mean's interval, and the address keeps the selection", async () => {
    const html = await page(`/releases/${first}?against=${second}&show=must-pass`);
    expect(texts(html, "p", "notice")[0]).toMatch(
      /Mean difference of nDCG@10 over 12 questions that the docs answer: /,
    );
    expect(texts(html, "p")).toContain("No question is in this selection.");
    const current = elements(html, "a").find(({ attributes }) => attributes["aria-current"] === "true");
    expect(current).toMatchObject({ text: "Must-pass 0" });
    const all = await page(`/releases/${first}?against=${first}`);
    expect(texts(all, "p", "notice")[0]).toMatch(
      /^Within chance.* over 12 questions that the docs answer: 0\.000 0\.000 to 0\.000, within chance\.$/,
    );
    expect(texts(all, "p").join()).toContain(
      "Of all 12 questions of both, with those that the docs do not answer: 0 impr",
    );
    expect(texts(all, "caption")[0]).toMatch(/refuses below P\(relevant\) 0\.\d\d and answers from 0\.\d\d/);
    expect(texts(all, "tr")).toHaveLength(13);
    expect(texts(all, "tr")[1]).toMatch(/rank \d+ nDCG \d\.\d\d/);
    expect(texts(await page(`/releases/${first}?against=${first}&from=12`), "p")).toContain(
      "No question is in this selection.",
    );
  });

  it("offers nothing to decide while Temporal is away, and a form that comes all the same is told so", async () => {
    expect(elements(await page(`/releases/${first}`), "textarea")).toEqual([]);
    const fields = { action: "promote", by: "dana", reason: "try it", expected: second };
    const away = await post(`/releases/${first}`, fields);
    expect(away.status).toBe(503);
    expect(await away.text()).toContain("No Temporal server runs here");
  });

  it("takes decisions from its own page only, with a name and a reason", async () => {
    const fields = { action: "promote", by: "dana", reason: "try it", expected: second };
    const path = `/releases/${first}`;
    expect((await post(path, fields, { origin: "http://evil.test" })).status).toBe(403);
    expect((await post(path, fields, { "content-type": "application/json" })).status).toBe(415);
    for (const wrong of [
      { by: " " },
      { reason: "" },
      { action: "delete" },
      { expected: "../x" },
      { by: "x".repeat(300) },
    ])
      expect((await post(path, { ...fields, ...wrong })).status).toBe(400);
    const ledger = await server.tiny.context.releases.ledger();
    await get(`${path}?action=promote&by=dana&reason=x&expected=${second}`);
    expect(await server.tiny.context.releases.ledger()).toEqual(ledger);
  });

  it("takes no decision from a form that no page of this process held, or that a proxy passed on", async () => {
    const fields = { action: "promote", by: "dana", reason: "try it", expected: second };
    const path = `/releases/${first}`;
    for (const key of ["", "x", `${FORM_KEY.slice(1)}x`]) {
      const refused = await post(path, { ...fields, key });
      expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining("load the page again")]);
      expect((await post("/runs/pipeline-1", { action: "cancel", key })).status).toBe(403);
    }
    for (const name of ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"])
      expect((await post(path, fields, { [name]: "10.0.0.7" })).status, name).toBe(403);
    // Temporal is away, but the form was taken.
    expect((await post(path, fields)).status).toBe(503);
  });

  it("asks a person elsewhere for a token before a decision", async () => {
    const behind = await localServerBehind();
    expect(await behind("/releases")).toBe(200);
    const fields = { action: "promote", by: "dana", reason: "try it", expected: second };
    expect(await behind(`/releases/${first}`, fields)).toBe(403);
    expect(await (await localServerBehind())(`/releases/${first}`, fields, "localhost")).toBe(403);
    const guarded = await localServerBehind("a-token-of-this-test");
    expect(await guarded(`/releases/${first}`, fields)).toBe(503);
  });
});

/** Statuses of the server behind a proxy that lets anybody in. */
async function localServerBehind(token?: string) {
  const tokens = token === undefined ? [] : [token];
  const access = { allowedHosts: ["docs.test"], origins: [], tokens, ratePerMinute: 60, questionsAtOnce: 2 };
  const app = createApp({ doors: server.doors, access, causes: false });
  return async (path: string, fields?: Record<string, string>, host = "docs.test") => {
    const body = fields && new URLSearchParams(fields).toString();
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      host,
      accept: "text/html",
      ...(fields ? { ...FORM, origin: `https://${host}` } : {}),
    };
    return (await app.request(path, { method: fields ? "POST" : "GET", headers, body })).status;
  };
}

const run: RunDetails = {
  ...{ workflowId: "pipeline-things-1", corpus: "things", status: "running", outcome: null, stage: "train" },
  ...{ started: "2026-02-01T00:00:00.000Z", ended: null, options: { docs: HOSTILE }, cancelling: false },
  stages: STAGES.map((name, at) => ({
    name,
    state: at < 2 ? "ran" : at === 2 ? "skipped" : at === 3 ? "running" : "waiting",
    ...(at < 3 ? { why: HOSTILE, summary: "4 pages", seconds: 2 } : { why: null, summary: null, seconds: null }),
  })),
  beat: { step: 30, of: 120, note: HOSTILE },
  ...{ note: null, result: null, failure: null, known: true },
  first: { release: "abcdefabcdef", why: "docs without a release" },
};

describe("Runs", () => {
  it("says that Temporal does not answer, and what to do", async () => {
    expect(texts(await page("/runs"), "div", "notice")[0]).toMatch(/^Temporal does not answer\. .*npx winnow up/);
    const one = await get("/runs/pipeline-1");
    expect([one.status, (await one.text()).includes("Try again")]).toEqual([503, true]);
  });

  it("shows each stage with its state and why, and follows a run that is open until it is told not to", async () => {
    const { desk } = server.doors;
    server.doors.desk = { ...desk, run: async () => run, webUi: async () => (id) => `http://ui.test/${id}` };
    const response = await get("/runs/pipeline-things-1");
    expect(response.headers.get("refresh")).toBe("5");
    const stages = texts(await response.text(), "li", "stage");
    expect(stages.map((text) => text.replace(/ reads.*| [\d.]+ s.*/, ""))).toEqual([
      ...["ingest ran", "embed ran"],
      expect.stringMatching(/^build-index skipped/),
      "train running",
      ...["evaluate to come", "deploy to come"],
    ]);
    expect(stages[2]).toContain("Skipped: <script>");
    expect(stages[3]).toContain("30 of 120");
    const html = await page("/runs/pipeline-things-1?still");
    expect((await get("/runs/pipeline-things-1?still")).headers.get("refresh")).toBeNull();
    expect(elements(html, "a").map(({ attributes }) => attributes.href)).toContain("http://ui.test/pipeline-things-1");
    expect(field(html, "action")).toBeUndefined();
    const [cancel] = elements(html, "a", "button").map(({ attributes }) => attributes.href);
    expect(cancel).toBe("/runs/pipeline-things-1?still&cancel");
    // The form stays open, since nothing reads that page again.
    expect((await get(cancel!)).headers.get("refresh")).toBeNull();
    expect(field(await page(cancel!), "action")).toBe("cancel");
    expect(field(await page(cancel!), "key")).toBe(FORM_KEY);
    server.doors.desk = { ...desk, run: async () => ({ ...run, status: "failed", failure: HOSTILE }) };
    const failed = await page("/runs/pipeline-things-1");
    expect(texts(failed, "p", "notice")[0]).toMatch(/^It failed\. <script>/);
    expect(field(failed, "action")).toBeUndefined();
    server.doors.desk = desk;
  });
});

describe("folders of the server", () => {
  it("are shown on this machine, and withheld from callers elsewhere", async () => {
    const { desk } = server.doors;
    const folder = "/srv/secret-folder/manifest.json is missing";
    const unread = async () => {
      const [things] = await desk.releases();
      const releases = things!.releases.map((release) => ({ ...release, reason: folder }));
      return [
        { ...things!, damaged: folder },
        { ...things!, corpus: "?", releases },
      ];
    };
    server.doors.desk = {
      ...desk,
      releases: unread,
      release: async (id) => ({ ...(await desk.release(id)), curves: null, noCurves: folder }),
      run: async () => ({ ...run, status: "failed", failure: folder, options: { docs: "/srv/secret-folder/docs" } }),
      webUi: async () => null,
    };
    const access = { allowedHosts: [], origins: [], tokens: [], ratePerMinute: 60, questionsAtOnce: 8 };
    const there = createApp({ doors: server.doors, access, causes: false });
    for (const path of ["/releases", `/releases/${first}`, "/runs/pipeline-1"]) {
      expect(await page(path), path).toContain("secret-folder");
      const response = await there.request(path, { headers: { host: "localhost", accept: "text/html" } });
      const html = await response.text();
      expect([response.status, html]).toEqual([200, expect.not.stringContaining("secret-folder")]);
      expect(html, path).toContain("The cause is told on the server alone");
      if (path.startsWith("/runs")) expect(texts(html, "dd")).toContain("docs");
    }
    server.doors.desk = desk;
  });
});

describe("Docs health", () => {
  it("shows pages that no question reaches, quarantine and stale questions without Temporal", async () => {
    const html = await page("/docs-health?corpus=things");
    expect(texts(html, "h2")).toEqual([
      "Questions that were refused or unsure",
      "Pages that no question reaches",
      "Near-duplicates",
      "Pages in quarantine",
      "Stale questions",
    ]);
    expect(texts(html, "div", "notice")[0]).toMatch(/^Temporal does not answer/);
    expect(texts(await page("/docs-health?corpus=other", 404), "h1")).toEqual(["Not found"]);
  });

  it("groups questions by the section that came closest, escapes them and links to their receipts", async () => {
    const { desk } = server.doors;
    const health = await desk.docsHealth();
    const closest = { page: HOSTILE, heading: [HOSTILE], url: "javascript:alert(1)" };
    const asked = {
      ...{ question: HOSTILE, count: 2, last: "2026-02-01T00:00:00Z", kind: "abstained" as const },
      closest,
    };
    const question = { ...asked, corpus: "things", release: first, pages: [], workflowId: "ask-1" };
    const refused = { shown: [{ closest, questions: [question], asked: 2 }], total: 60 };
    const quarantined = { shown: [{ page: HOSTILE, reason: HOSTILE }], total: 1 };
    server.doors.desk = {
      ...desk,
      docsHealth: async () => ({ ...health, away: false, quarantined, asked: { ...health.asked, refused } }),
      nearDuplicates: async () => null,
    };
    const html = await page("/docs-health");
    expect((await get("/docs-health")).headers.get("refresh")).toBe("3");
    const links = elements(html, "a").map(({ attributes }) => attributes.href);
    expect(links).toContain("/asks/ask-1");
    expect(links.filter((href) => href?.startsWith("javascript:"))).toEqual([]);
    expect(texts(html, "p")).toContain("The first 1 of 60 groups.");
    server.doors.desk = desk;
  });
});
