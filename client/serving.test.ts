import { rmSync } from "node:fs";
import { expect, it } from "vitest";
import { tinyHome } from "../core/stages/testing/tinyRelease.ts";
import { servingReleases } from "./serving.ts";
import { localSettings } from "./testing/settings.ts";

it("lists what serves with its docs and measured quality, without folders of this machine", async () => {
  const tiny = await tinyHome();
  try {
    const config = localSettings(tiny.home);
    expect(await servingReleases(config)).toEqual([]);
    const { releases } = tiny.context;
    const first = await tiny.build(32);
    const why = { by: "a test", reason: "a test" };
    await releases.promote(first, { expected: null, ...why });
    const source = { ...first.manifest.source, path: "https://user:secret@example.com/docs.git#v2" };
    const none = { evaluation: null, evaluate: null, train: null, untrained: null, reranker: null, training: null };
    const unmeasured = { ...none, calibration: first.manifest.evaluate!, ranking: "retrieval" as const };
    const other = await releases.commit({ ...first.manifest, corpus: "other", source, ...unmeasured });
    await releases.promote(other, { expected: null, ...why });

    const { questions, ladder, abstention } = first.manifest.evaluation;
    const serving = await servingReleases(config);
    expect(serving).toEqual([
      expect.objectContaining({
        ...{ corpus: "other", release: other.id, default: true, quality: null },
        docs: expect.objectContaining({ source: "https://...@example.com/docs.git#v2" }),
      }),
      {
        corpus: "things",
        release: first.id,
        createdAt: first.manifest.createdAt,
        default: false,
        docs: { source: "docs", version: first.manifest.source.digest.slice(0, 12), pages: 4, passages: 12 },
        ranking: "reranked",
        quality: {
          source: "judged",
          questions,
          ndcg: ladder.at(-1)!.metrics["ndcg@10"],
          falseAnswerRate: abstention.unsure!.falseAnswerRate,
          falseRefusalRate: abstention.unsure!.falseRefusalRate,
          unsureRate: abstention.unsure!.rate,
        },
      },
    ]);
    expect(JSON.stringify(serving)).not.toMatch(/secret|\/tmp/);
  } finally {
    rmSync(tiny.home, { recursive: true, force: true });
  }
});
