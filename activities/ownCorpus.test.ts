import { expect, test } from "vitest";
import { parseSource, sourceName } from "../core/docs/sourceSpec.ts";
import { stateFolder } from "../core/upkeep/testing/homeFixture.ts";
import { requireOwnCorpus } from "./ownCorpus.ts";

test("docs that would take the name of others are refused if either are one page, and go on under a name that is given", async () => {
  const { releases, release, promote } = stateFolder();
  const served = async (corpus: string, path: string) => {
    const { manifest } = await release(1, corpus);
    await promote({
      ...(await releases.commit({ ...manifest, source: { ...manifest.source, path } })),
      manifest,
    } as never);
  };
  const ask = (path: string) => {
    const source = parseSource(path, "/", () => true);
    return requireOwnCorpus(sourceName(source), source, releases);
  };
  await served("guide", "/data/guide.md");
  await served("api.yaml", "/data/api.yaml");
  await served("handbook", "/v1/handbook");
  for (const same of ["/data/guide.md", "/v2/handbook", "/data/other.html", "https://host/guide"]) await ask(same);
  for (const other of ["/data/guide.html", "/elsewhere/guide.md", "/data/guide", "/v1/handbook.md"])
    await expect(ask(other), other).rejects.toMatchObject({
      code: "BadInput",
      message: expect.stringMatching(/both give the name (guide|handbook), .*--name/),
    });
  await expect(ask("/data/api.yaml")).rejects.toMatchObject({
    code: "BadInput",
    message: expect.stringMatching(
      /a corpus api\.yaml serves.*--name api\.yaml to go on with it, or --name api to begin/,
    ),
  });
});
