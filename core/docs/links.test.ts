import { expect, it } from "vitest";
import { linkRecords } from "./links.ts";
import type { Page } from "./page.ts";
import { readPage } from "./pages.ts";
import { passagesOf } from "./passages.ts";
import { Site } from "./site.ts";

function pageAt(path: string, text: string): Page {
  return readPage({ path, bytes: Buffer.from(text) }) as Page;
}

const target = pageAt("tasks/jobs/run.md", "---\ntitle: Run\naliases: [/docs/old/run/]\n---\nx\n\n## Clean up\n\ny\n");
const index = pageAt("tasks/jobs/_index.md", "---\ntitle: Jobs\n---\nx\n");

function linksFrom(markdown: string) {
  const page = pageAt("tasks/jobs/make.md", `---\ntitle: Make\n---\n${markdown}\n\n## Here\n\nz\n`);
  const pages = [page, target, index];
  const site = new Site(pages, "/docs/");
  const count = (text: string) => text.split(/\s+/).length;
  const made = pages.map((each) => ({ page: each, ...passagesOf(each, site, count, { passage: 100, window: 100 }) }));
  const headings = new Map(
    made.flatMap(({ page: { path }, sections }) =>
      sections.map(({ anchor, heading }) => [`${path}#${anchor}`, heading.at(-1)!]),
    ),
  );
  return linkRecords(made[0]!.links, site, headings);
}

it.each([
  ["(run.md)", "tasks/jobs/run.md", null],
  ["(./run.md#clean-up)", "tasks/jobs/run.md", "Clean up"],
  ["(../run/)", "tasks/jobs/run.md", null],
  ["(/docs/tasks/jobs/run/#clean-up)", "tasks/jobs/run.md", "Clean up"],
  ["(/docs/tasks/jobs/run?x=1)", "tasks/jobs/run.md", null],
  ["(/docs/old/run)", "tasks/jobs/run.md", null],
  ["(https://kubernetes.io/docs/tasks/jobs/)", "tasks/jobs/_index.md", null],
  ["(#here)", "tasks/jobs/make.md", "Here"],
])("a link to %s leads to %s", (url, targetPage, targetHeading) => {
  expect(linksFrom(`First one. Please [do it]${url} now. Last one.`)).toMatchObject([
    { anchor: "do it", sentence: "Please do it now.", targetPage, targetHeading, heading: ["Make"] },
  ]);
});

it.each(["(https://example.com/docs/)", "(mailto:a@b.c)", "(gone.md)", "(#gone)", "(%E0%A4%A)", "(javascript:x)"])(
  "a link to %s leads nowhere in the docs",
  (url) => {
    expect(linksFrom(`Please [do it]${url} now.`)).toEqual([]);
  },
);

it("reference links and links in HTML are links too", () => {
  expect(linksFrom("See [the run][r].\n\n[r]: run.md\n")).toMatchObject([{ anchor: "the run" }]);
  expect(linksFrom('<table><tr><td>See <a href="run.md">that run</a></td></tr></table>')).toMatchObject([
    { anchor: "that run", targetPage: "tasks/jobs/run.md" },
  ]);
});
