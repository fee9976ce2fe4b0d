import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { IdentifiedAnswer } from "../../contracts/askEvents.ts";
import { fails, hangs, says, streams } from "../../core/llm/testing/scriptedLlm.ts";
import { LOOKS, noBrowser, openBrowser, overflow, seriousFindings, type Watched, watch } from "./chromium.ts";
import { ServedSample } from "./servedSample.ts";

// The page in Chromium, on the sample's release, with a scripted LLM behind its answers.

const QUESTION = "How do I create a Kubernetes Job?";
const REFUSED = "good exercises for lower back pain";
const PIECES = ["Create it with ", "`kubectl create job` ", "and the image that it runs [1]."];
const ANSWER = /Create it with .*kubectl create job.* and the image that it runs/;

const served = new ServedSample();
let browser: Browser;
let answer: IdentifiedAnswer;
let champion: string;
let before: string;
let run: string;

async function open(look: keyof typeof LOOKS, url = served.url): Promise<Watched & { leave(): Promise<void> }> {
  const context = await browser.newContext(LOOKS[look]);
  const watched = await watch(context, new URL(served.url).host, new URL(url).host);
  return { ...watched, leave: () => context.close() };
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel("Your question").fill(question);
  await page.keyboard.press("Enter");
}

const text = (page: Page) => page.locator("main").innerText();

describe.skipIf(noBrowser !== null)(`in a browser${noBrowser === null ? "" : `: skipped, ${noBrowser}`}`, () => {
  beforeAll(async () => {
    await served.open(inject("shared"));
    browser = await openBrowser();
    served.llm.play(says(PIECES.join("")));
    const headers = { "content-type": "application/json" };
    const asked = { method: "POST", headers, body: JSON.stringify({ question: QUESTION }) };
    answer = (await (await fetch(`${served.url}/v1/ask`, asked)).json()) as IdentifiedAnswer;
    const releases = (await (await fetch(`${served.url}/v1/models`)).json()) as { data: { winnow: ReleaseId }[] };
    const ids = releases.data.map(({ winnow }) => winnow);
    champion = ids.find((each) => each.champion)!.release;
    before = ids.find((each) => !each.champion)!.release;
    run = await served.startRun();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await served.close();
  });

  const VIEWS: [string, () => string, RegExp][] = [
    ["Ask", () => "/", /Your question/],
    ["an answer by its address", () => `/?q=${encodeURIComponent(QUESTION)}`, ANSWER],
    ["a refusal by its address", () => `/?q=${encodeURIComponent(REFUSED)}`, /The docs do not seem to answer this/],
    ["a receipt", () => `/asks/${answer.id}`, ANSWER],
    ["Releases", () => "/releases", /sample/],
    ["a release", () => `/releases/${champion}`, /nDCG@10/],
    ["Runs", () => "/runs", /pipeline-browser/],
    ["a run", () => `/runs/${run}`, /ingest/],
    ["Docs health", () => "/docs-health", /pages/],
    ["the API's description", () => "/docs", /\/v1\/ask/],
    ["a page that is not there", () => "/nothing", /Not found/],
  ];

  test.each(VIEWS)(
    "%s has no serious finding of axe, no error, no foreign request, in light, dark and at a phone's width",
    async (_, path, shown) => {
      served.llm.play(says(PIECES.join("")));
      for (const look of ["light", "dark", "phone"] as const) {
        const { page, problems, leave } = await open(look);
        const response = await page.goto(`${served.url}${path()}`);
        expect(await text(page)).toMatch(shown);
        expect(await seriousFindings(page), look).toEqual([]);
        expect(await overflow(page), look).toBe(0);
        // Chromium reports a page's own status of 404 as an error.
        const own = response!.status() === 404 ? /status of 404/ : /^$/;
        expect(
          problems.filter((problem) => !own.test(problem)),
          look,
        ).toEqual([]);
        await leave();
      }
    },
  );

  test("a run that was terminated is shown as such", async () => {
    const terminated = await served.terminatedRun();
    const { page, leave } = await open("light");
    await page.goto(`${served.url}/runs/${terminated}`);
    expect(await text(page)).toMatch(/terminated|ended/i);
    await leave();
  });

  test("a question is asked, read and followed by keyboard alone: draft, answer, citation, ranks with the threshold", async () => {
    served.llm.play(streams(PIECES, { pauseMs: 700 }));
    const { page, problems, leave } = await open("light");
    await page.goto(served.url);
    await page.keyboard.press("Tab");
    for (let at = 0; at < 12 && !(await page.evaluate(() => document.activeElement?.id === "q")); at++)
      await page.keyboard.press("Tab");
    await page.keyboard.type(QUESTION);
    await page.keyboard.press("Enter");
    await page.getByText("not checked yet").waitFor();
    expect(new URL(page.url()).searchParams.get("q")).toBe(QUESTION);
    await page.getByLabel("Answer", { exact: true }).waitFor();
    expect(await page.getByText("not checked yet").count()).toBe(0);
    expect(await text(page)).toMatch(ANSWER);
    await page.locator("a.cite").first().focus();
    await page.keyboard.press("Enter");
    await page.locator("#source-1 mark").waitFor({ state: "visible" });
    const chart = page.locator("figure.slope");
    expect(await chart.locator("line").count()).toBeGreaterThan(10);
    expect(await chart.locator(".row.dropped .why").first().innerText()).toMatch(/\w/);
    // Wrapped text would overlap the next row.
    const heights = await chart
      .locator("p")
      .evaluateAll((all) => all.map((row) => row.scrollHeight - row.clientHeight));
    expect(Math.max(...heights)).toBeLessThan(8);
    await page.getByText("All scores as a table").click();
    expect(await seriousFindings(page)).toEqual([]);
    expect(problems).toEqual([]);
    await leave();
  });

  test("Stop ends the question; a refusal gives P(relevant), the limit and how often it is wrong; an error says what to do", async () => {
    served.llm.play(hangs);
    const { page, leave } = await open("light");
    await page.goto(served.url);
    await ask(page, QUESTION);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    await ask(page, REFUSED);
    await page.getByRole("heading", { name: "The docs do not seem to answer this" }).waitFor();
    await page.getByText(/How often (it|this release) is wrong/).waitFor();
    expect(await text(page)).toMatch(/P\(relevant\) of the best passage\s+0\.\d+[\s\S]*answers from\s+0\.\d+/);
    const chart = page.locator("figure.slope");
    expect(await chart.locator("figcaption").innerText()).toMatch(/None of \d+ reach the threshold 0\.\d+/);
    expect(await chart.locator("line.threshold").count()).toBe(1);
    served.llm.play(fails(401));
    await ask(page, QUESTION);
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toMatch(/There is no answer[\s\S]*LlmRefused/);
    served.llm.play(says(PIECES.join("")), streams(PIECES));
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByLabel("Answer", { exact: true }).waitFor();
    await leave();
  });

  test("two people who decide at once: one decision is carried out, the other person is told that the release already serves", async () => {
    const [ada, bob] = [await open("light"), await open("phone")];
    for (const { page } of [ada, bob]) {
      await page.goto(`${served.url}/releases/${before}`);
      await page.locator("summary", { hasText: /this release…/ }).click();
      await page.getByLabel("Your name").fill(page === ada.page ? "Ada" : "Bob");
      await page.getByLabel("Why").fill("it was better");
    }
    const send = (page: Page) => page.locator("form.decide button").click();
    await Promise.all([send(ada.page), send(bob.page)]);
    const told = () => Promise.all([ada, bob].map(({ page }) => page.getByRole("status").innerText()));
    await expect.poll(async () => (await told()).join("\n"), { timeout: 60_000 }).toMatch(/served already/);
    const second = (await told()).findIndex((words) => words.includes("served already"));
    await ada.page.goto(`${served.url}/releases`);
    expect(await text(ada.page)).toContain(second === 1 ? "Ada" : "Bob");
    expect(await text(ada.page)).not.toContain(second === 1 ? "Bob" : "Ada");
    await Promise.all([ada.leave(), bob.leave()]);
  });

  test("the widget answers on a page of a listed origin under that page's own policy, and is refused on another", async () => {
    served.llm.play(streams(PIECES, { pauseMs: 100 }));
    const { page, problems, leave } = await open("light", served.docs.listed);
    await page.goto(served.docs.listed);
    await page.getByLabel("Ask the docs").fill(QUESTION);
    await page.keyboard.press("Enter");
    await page.locator("winnow-ask").getByText("Sources").waitFor();
    expect(await page.locator("winnow-ask .answer").innerText()).toMatch(ANSWER);
    expect(await seriousFindings(page)).toEqual([]);
    expect(problems).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    await leave();
    const other = await open("light", served.docs.stranger);
    await other.page.goto(served.docs.stranger);
    await other.page.getByLabel("Ask the docs").fill(QUESTION);
    await other.page.keyboard.press("Enter");
    await other.page.locator("winnow-ask .problem").waitFor();
    await other.leave();
  });

  // The last test: it kills the API, which `winnow serve` starts again.
  test("a server that dies while it answers: the page says so, and shows the recorded answer once it is back", async () => {
    served.llm.play(streams(PIECES, { pauseMs: 2000 }));
    const { page, leave } = await open("light");
    await page.goto(served.url);
    await ask(page, QUESTION);
    await page.getByText("not checked yet").waitFor();
    served.killApi();
    await page
      .getByText(/connection|lost|again/i)
      .first()
      .waitFor();
    await page.getByLabel("Answer", { exact: true }).waitFor({ timeout: 60_000 });
    expect(await text(page)).toMatch(ANSWER);
    await leave();
  });
});

interface ReleaseId {
  release: string;
  champion: boolean;
}
