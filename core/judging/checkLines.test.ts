import { expect, it } from "vitest";
import type { Passage } from "../../contracts/passage.ts";
import { checkLines } from "./checkLines.ts";
import { questionSetLines } from "./questionSet.ts";

function passage(page: string, heading: string, text: string): Passage {
  return { id: `${page}#${heading}`, page, heading: ["Docs", heading], url: "", lines: [1, 1], text };
}

const corpus = [
  passage("helm/rollback.md", "Rolling back", "This command rolls back a release to a previous revision of it."),
  passage("helm/rollback.md", "Options", "The first argument is the name of a release, the second a revision number."),
  passage("helm/upgrade.md", "Upgrading", "This command upgrades a release to a new version of a chart."),
];
const line = (id: string, ...relevant: object[]) =>
  JSON.stringify({ id, query: "q", kind: relevant.length > 0 ? "howto" : "unanswerable-near", relevant });
const check = (...lines: string[]) => checkLines(questionSetLines(lines.join("\n")), corpus);

it("finds nothing in lines whose pages, sections and evidence these docs hold", () => {
  const holds = {
    path: "helm/rollback.md",
    heading: "Rolling back",
    grade: 2,
    evidence: "rolls back a release to a previous",
  };
  expect(check(line("a", holds), line("b", { path: "helm/upgrade.md", grade: 1 }), line("c"))).toEqual([]);
});

it("names the line of a renamed section, and the heading that is nearest on its page", () => {
  const findings = check("", line("a", { path: "helm/rollback.md", heading: "Roll back", grade: 2 }));
  expect(findings).toEqual([
    {
      ...{ line: 2, id: "a", state: "stale", problem: null },
      gone: [
        {
          ...{ path: "helm/rollback.md", heading: "Roll back", lacks: "section" },
          nearest: { page: "helm/rollback.md", heading: "Rolling back", by: "name" },
        },
      ],
    },
  ]);
});

it("finds where evidence has moved to, also from a page that is gone", () => {
  const moved = {
    path: "helm/cmd.md",
    heading: "Usage",
    grade: 2,
    evidence: "upgrades a release to a newer version of the chart",
  };
  const [finding] = check(line("a", moved));
  expect(finding!.gone[0]).toMatchObject({
    lacks: "page",
    nearest: { page: "helm/upgrade.md", heading: "Upgrading", by: "evidence" },
  });
});

it("finds a renamed page by its name, and suggests nothing for a page like no other", () => {
  const [renamed, strange] = check(
    line("a", { path: "helm/upgrades.md", heading: "Upgrade", grade: 2 }),
    line("b", { path: "xyz.txt", heading: "Quux", grade: 2, evidence: "entirely different words about tulips" }),
  );
  expect(renamed!.gone[0]!.nearest).toEqual({ page: "helm/upgrade.md", heading: "Upgrading", by: "name" });
  expect(strange!.gone[0]!.nearest).toBeNull();
});

it("tells a question that lost one of two judgments from one that lost all", () => {
  const live = { path: "helm/rollback.md", heading: "Options", grade: 2 };
  const [finding] = check(line("a", live, { path: "helm/gone.md", heading: "Options", grade: 1 }));
  expect(finding).toMatchObject({ state: "partly stale", gone: [{ path: "helm/gone.md", lacks: "page" }] });
});

it("reports every malformed line, not only the first", () => {
  const findings = check("{", line("a"), line("a"), '{"id": "b"}');
  expect(findings.map(({ line, state }) => [line, state])).toEqual([
    [1, "malformed"],
    [3, "malformed"],
    [4, "malformed"],
  ]);
  expect(findings[1]!.problem).toBe('id "a" was already used on line 2');
});
