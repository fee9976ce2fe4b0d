import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { licenceOf } from "./licence.ts";
import { modelCard } from "./modelCard.ts";
import { settingsOf, type TrainingOptions } from "./settings.ts";

async function base(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-licence-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

async function cardOf(baseDir: string): Promise<string> {
  const where = { baseDir, outDir: baseDir, checkpointDir: baseDir };
  const options: TrainingOptions = { ...where, groups: [], validation: [], budgetMinutes: 1, seed: 1 };
  const counts = {
    steps: 1,
    pairs: 1,
    cutPairs: 0,
    maxTokens: 64,
    leftOut: { groups: 0, negatives: 0 },
    seconds: 1,
    pairsPerSecond: 1,
    bestStep: 1,
  };
  const report = { ...counts, losses: [], validation: [], stoppedEarly: false, base: "b", resumedFrom: null };
  const folder = {
    twin: { stays: true, detail: "computes nearly the same" },
    hasConfig: true,
    freshHead: true,
    licence: await licenceOf(baseDir),
  };
  return modelCard(
    options,
    settingsOf({ ...options, groups: [{ question: "q", passages: ["a", "b"] }] }),
    report,
    folder,
  );
}

describe("the licence of a model card", () => {
  it("comes from the base's own card", async () => {
    const folder = await base({ "README.md": "---\nlicense: mit\ntags: [a]\n---\n# Model\n" });
    expect(await licenceOf(folder)).toMatchObject({ id: "mit", from: "README.md" });
    const card = await cardOf(folder);
    expect(card).toMatch(/^---\nlicense: mit\nlibrary_name/);
    expect(card).toContain("**Licence:** mit, like the base according to its `README.md`");
  });

  it("keeps name and link of a licence without a hub identifier", async () => {
    const terms = "license: other\nlicense_name: some terms\nlicense_link: https://example.org/terms";
    const card = await cardOf(await base({ "README.md": `---\n${terms}\n---\n` }));
    expect(card).toMatch(
      /^---\nlicense: other\nlicense_name: "some terms"\nlicense_link: "https:\/\/example.org\/terms"\n/,
    );
    expect(card).toContain("other (some terms), https://example.org/terms");
  });

  it("comes from the config if the card has none, and is the first of a list", async () => {
    const folder = await base({ "README.md": "# Model\n", "config.json": '{"license": ["cc-by-4.0", "mit"]}' });
    expect(await licenceOf(folder)).toMatchObject({ id: "cc-by-4.0", from: "config.json" });
  });

  it("is unknown if it is missing or unreadable, with a sentence on what to do", async () => {
    const nothing: Record<string, string>[] = [
      {},
      { "README.md": "---\nlicense: [\n---\n" },
      { "README.md": "---\nlicense: 3\n---", "config.json": "{" },
    ];
    for (const files of nothing)
      expect(await licenceOf(await base(files))).toMatchObject({ id: "unknown", from: null });
    const card = await cardOf(await base({}));
    expect(card).toContain("license: unknown\n");
    expect(card).toContain("Find out which one applies before you distribute this model");
    expect(card).not.toMatch(/apache/i);
  });
});
