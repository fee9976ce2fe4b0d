import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdentifiedAnswer } from "../../contracts/askEvents.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { createApp } from "../app.ts";
import { abstention, answerOf, citation } from "../testing/answers.ts";
import { elements } from "../testing/html.ts";
import { type LocalServer, localServer, OPEN } from "../testing/localDoors.ts";

const EVIL = '"><script>alert(1)</script><img src=https://evil.test/x onerror=alert(1)>';

let server: LocalServer;
beforeAll(async () => {
  server = await localServer();
});
afterAll(() => server.end());

/** Opens a page as a browser without script. */
async function open(path: string) {
  const response = await server.app.request(path, { headers: { host: "localhost", accept: "text/html" } });
  const html = await response.text();
  const texts = (tag: string, className?: string) => elements(html, tag, className).map(({ text }) => text);
  const having = (name: string, value: string) =>
    elements(html, "*").filter(({ attributes }) => attributes[name] === value);
  return { status: response.status, html, texts, having };
}

function answers(answer: IdentifiedAnswer): void {
  server.script = async function* () {
    yield { event: answer.kind === "abstained" ? "abstained" : "answer", data: answer };
  };
  server.stored = async (id) => (id === answer.id ? answer : null);
}

describe("the Ask view without script", () => {
  it("offers the docs that serve, and how often they are wrong", async () => {
    const page = await open("/");
    expect(page.texts("h1")).toEqual(["Ask the docs"]);
    expect(page.html).toContain(server.release.id);
    expect(elements(page.html, "textarea").map(({ attributes }) => attributes.name)).toEqual(["q"]);
  });

  it("shows the finished answer with its citations, sources and ranks", async () => {
    answers(answerOf("Use a **Job** [1].", [citation("Jobs", "https://docs.test/jobs")]));
    const page = await open("/?q=how+do+I+run+a+task");
    expect(page.status).toBe(200);
    expect(page.texts("article")[0]).toContain("Use a Job [1].");
    const [cite] = elements(page.html, "a", "cite");
    expect(cite!.attributes).toMatchObject({ href: "#source-1", "aria-label": "Source 1: Jobs" });
    expect(page.having("id", "source-1")).not.toEqual([]);
    expect(page.texts("mark")).toEqual(["About Jobs."]);
    expect(page.having("href", "https://docs.test/jobs#:~:text=About%20Jobs.")).toHaveLength(1);
    expect(page.texts("td", "number")).toEqual(["1", "1", "0.910", "2.00", "0.300", "4.00", "0.700"]);
    expect(page.having("href", "/asks/ask-1")).not.toEqual([]);
    expect(page.texts("title")).toEqual(["how do I run a task - Winnow"]);
  });

  it("refuses with the relevance, the threshold and the closest passages", async () => {
    answers(abstention());
    const page = await open("/?q=tea");
    expect(page.texts("article")).toEqual([]);
    const [notice] = page.texts("div", "notice");
    expect(notice).toContain("The docs do not seem to answer this");
    expect(notice).toContain("0.310");
    expect(notice).toContain("0.580");
    expect(page.texts("h2")).toContain("The closest passages");
  });

  it("says that it is not sure, or that no answer was written", async () => {
    const answer = answerOf("Perhaps [1].", [citation("Jobs", "/jobs")]);
    answers({ ...answer, kind: "unsure" });
    expect((await open("/?q=a")).texts("h2")).toContain("Winnow is not sure");
    answers({ ...answer, kind: "degraded" });
    expect((await open("/?q=a")).texts("h2")).toContain("No answer was written");
  });

  it("explains each doubt about a sentence", async () => {
    const unsupported = [{ sentence: "Elephants help.", reason: "no passage says so" }];
    answers({ ...answerOf("Elephants help [?].", []), unsupported });
    expect((await open("/?q=a")).texts("details", "doubts")[0]).toContain("Elephants help.: no passage says so");
  });

  it("keeps the question, and says what to do, when it cannot be answered", async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first event
    server.script = async function* () {
      throw new WinnowError("TemporalUnreachable", "Temporal does not answer");
    };
    const page = await open("/?q=pods&release=abc");
    expect(page.status).toBe(503);
    expect(page.texts("textarea")).toEqual(["pods"]);
    expect(page.texts("div", "notice")[0]).toContain("npx winnow up");
    expect(page.having("href", "/?q=pods&release=abc")).not.toEqual([]);
    const wrong = await open(`/?q=pods&release=${encodeURIComponent(EVIL)}`);
    expect([wrong.status, wrong.texts("script")]).toEqual([400, [""]]);
  });

  it("asks nothing for an empty question, and refuses too long a one", async () => {
    const before = server.asked.length;
    expect((await open("/?q=++")).status).toBe(200);
    expect((await open(`/?q=${"a".repeat(10_001)}`)).status).toBe(400);
    expect(server.asked.length).toBe(before);
  });
});

describe("hostile text in question, docs and answer", () => {
  it("loads and runs nothing in any place", async () => {
    const evil = { ...citation(EVIL, `javascript:alert(1)//${EVIL}`), page: EVIL, quote: EVIL };
    const answer = answerOf(`${EVIL} [1] [x](javascript:alert(1)) ![y](https://evil.test/y.png)`, [evil]);
    const [candidate] = answer.receipt.candidates;
    const candidates = [{ ...candidate!, id: EVIL, heading: [EVIL], page: EVIL, url: evil.url, dropped: EVIL }];
    const receipt = { ...answer.receipt, release: EVIL, corpus: EVIL, model: EVIL, candidates };
    answers({ ...answer, unsupported: [{ sentence: EVIL, reason: EVIL }], receipt });
    for (const path of [`/?q=${encodeURIComponent(EVIL)}`, "/asks/ask-1"]) {
      const { html } = await open(path);
      expect(elements(html, "script").map(({ attributes }) => attributes.src)).toEqual([
        expect.stringMatching(/^\/assets\/ask\./),
      ]);
      for (const tag of ["img", "iframe", "object", "style"]) expect(elements(html, tag)).toEqual([]);
      for (const { attributes } of elements(html, "*"))
        for (const [name, value] of Object.entries(attributes)) {
          expect(name).not.toMatch(/^on|^style$|^srcdoc$/);
          if (["href", "src", "action"].includes(name)) expect(value).toMatch(/^(\/(?!\/)|#|https?:|data:,)/);
        }
    }
  });
});

describe("a receipt", () => {
  it("shows the recorded answer with every score, and what another release says", async () => {
    answers(answerOf("Use a Job [1].", [citation("Jobs", "https://docs.test/jobs")]));
    const page = await open("/asks/ask-1");
    expect(page.texts("article")[0]).toContain("Use a Job [1].");
    expect(page.having("id", "candidates")[0]!.attributes).toHaveProperty("open");
    const unasked = await open("/asks/ask-1?release=abc");
    expect(unasked.texts("div", "notice")[0]).toContain("The question was not kept");
    const beside = await open("/asks/ask-1?release=abc&q=jobs");
    expect(beside.texts("article")).toHaveLength(2);
    const ids = elements(beside.html, "*").flatMap(({ attributes: { id } }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("of a question that is still asked, or unknown, says so", async () => {
    server.stored = async () => "running";
    expect((await open("/asks/ask-1")).status).toBe(202);
    server.stored = async () => null;
    expect((await open("/asks/ask-1")).texts("h1")).toEqual(["Not found"]);
  });

  it("takes a thumb with a comment, by a form of its own page only", async () => {
    answers(answerOf("Use a Job.", []));
    const send = (origin: string, fields: Record<string, string>) =>
      server.app.request("/asks/ask-1", {
        method: "POST",
        headers: {
          host: "localhost",
          origin,
          "content-type": "application/x-www-form-urlencoded",
          accept: "text/html",
        },
        body: new URLSearchParams(fields).toString(),
      });
    const done = await send("http://localhost", { vote: "down", passage: "p1", comment: EVIL });
    expect([done.status, done.headers.get("location")]).toEqual([303, "/asks/ask-1?voted=1"]);
    expect(await server.doors.votes("ask-1")).toMatchObject([{ vote: "down", passage: "p1", comment: EVIL }]);
    expect((await send("http://evil.test", { vote: "up" })).status).toBe(403);
    expect((await send("http://localhost", { vote: "sideways" })).status).toBe(400);
  });
});

describe("a link of another site", () => {
  const LINK = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const follow = async (path: string, headers: Record<string, string>, method = "GET") => {
    const all = { host: "localhost", accept: "text/html", ...LINK, ...headers };
    const response = await server.app.request(path, { method, headers: all });
    return { status: response.status, html: await response.text() };
  };

  it("fills in the question, and a person asks it", async () => {
    answers(answerOf("Use a Job [1].", [citation("Jobs", "https://docs.test/jobs")]));
    const before = server.asked.length;
    for (const site of ["cross-site", "same-site"])
      for (const path of ["/?q=tea", "/asks/ask-1?release=abc&q=tea"]) {
        const { status, html } = await follow(path, { "sec-fetch-site": site });
        expect(status).toBe(200);
        expect(elements(html, "*", "notice").map(({ text }) => text)).toEqual([
          expect.stringMatching(
            /^This question came by a link of another site, so it has not been asked\. ?(Press Ask\.|Ask it)$/,
          ),
        ]);
        const links = elements(html, "a").map(({ attributes }) => attributes.href);
        if (path.startsWith("/asks")) expect(links).toContain(path);
        else expect(elements(html, "textarea")[0]!.text).toBe("tea");
      }
    await follow("/?q=tea&linked=", { "sec-fetch-site": "same-origin" });
    for (const path of ["/?q=tea", "/asks/ask-1?release=abc&q=tea"])
      expect((await follow(path, {}, "HEAD")).html).toBe("");
    expect(server.asked).toHaveLength(before);
    for (const site of ["same-origin", "none"])
      expect((await follow("/?q=tea", { "sec-fetch-site": site })).html).toContain("Use a ");
    expect(server.asked).toHaveLength(before + 2);
  });

  it("asks nothing either once the browser has sent its cookie", async () => {
    const guarded = createApp({
      doors: server.doors,
      access: { ...OPEN, tokens: ["a-token-of-this-test"] },
      causes: false,
    });
    const headers = { host: "localhost", accept: "text/html", ...LINK, "sec-fetch-site": "cross-site" };
    const again = async (path: string) => {
      const html = await (await guarded.request(path, { headers })).text();
      return elements(html, "meta").find(({ attributes }) => attributes["http-equiv"] === "refresh")?.attributes
        .content;
    };
    expect(await again("/?q=tea+%26+milk&corpus=docs")).toBe("0;url=/?q=tea+%26+milk&corpus=docs&linked=");
    expect(await again("/releases?corpus=docs")).toBe("0;url=/releases?corpus=docs");
    expect(await again("//evil.test/x?q=1")).toBe("0;url=/");
  });
});

it("another release that fails can be asked again with the question that was typed", async () => {
  answers(answerOf("Use a Job.", []));
  server.script = async function* () {};
  const page = await open("/asks/ask-1?release=abc&q=tea+%26+milk");
  expect(page.having("href", "/asks/ask-1?release=abc&q=tea+%26+milk")).toHaveLength(1);
});

it("a question that takes long shows the page before its answer", async () => {
  const answer = answerOf("Use a Job.", []);
  let finish: () => void = () => {};
  server.script = async function* () {
    await new Promise<void>((settle) => {
      finish = settle;
    });
    yield { event: "answer", data: answer };
  };
  const { body } = await server.app.request("/?q=slow", { headers: { host: "localhost" } });
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  const first = (await reader.read()).value!;
  expect(first).toContain("<textarea");
  expect(first).toContain("Searching the docs");
  finish();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value;
  expect(rest).toMatch(/Use a Job\..*<\/html>/s);
  expect(first + rest).not.toContain('class="later"');
});
