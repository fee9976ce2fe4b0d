import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bm25Index, bm25Share } from "./bm25.ts";
import { buildBm25 } from "./bm25Builder.ts";

const DOCUMENTS = [
  { heading: ["Pods", "Probes"], text: "A liveness probe restarts a container that no longer answers." },
  { heading: ["Nodes"], text: "The kubelet flag --max-pods limits the pods a node runs." },
  { heading: ["Debugging"], text: "A container in CrashLoopBackOff restarts again and again." },
  { heading: ["Volumes"], text: "A volume outlives its container. Probes do not read it." },
];

describe("Bm25Index", () => {
  const index = buildBm25(DOCUMENTS);

  it("scores by the BM25 formula", () => {
    const plain = buildBm25(
      [
        { heading: [], text: "etcd etcd" },
        { heading: [], text: "node" },
      ],
      {
        k1: 1.2,
        b: 0.75,
        titleB: 0,
        titleWeight: 1,
        tellingTerms: 8,
      },
    );
    const idf = Math.log(1 + (2 - 1 + 0.5) / 1.5);
    const frequency = 2 / (1 - 0.75 + 0.75 * (2 / 1.5));
    expect(plain.scoreAll("etcd")[0]).toBeCloseTo((idf * frequency * 2.2) / (frequency + 1.2), 5);
    expect(plain.scoreAll("etcd")[1]).toBe(0);
  });

  it("finds an identifier by its name and by its words", () => {
    expect(index.search("--max-pods", 1).positions[0]).toBe(1);
    expect(index.search("crash loop", 1).positions[0]).toBe(2);
  });

  it("weighs the heading trail above the text", () => {
    expect([...index.search("probes", 4).positions]).toEqual([0, 3]);
  });

  it("omits passages that share no term, and breaks ties by position", () => {
    const same = buildBm25([DOCUMENTS[0]!, DOCUMENTS[1]!, DOCUMENTS[0]!]);
    expect([...same.search("liveness", 10).positions]).toEqual([0, 2]);
  });

  it("computes a share of the best possible score, lowered by unknown words but not by unknown compounds", () => {
    const share = (question: string) => bm25Share(index.scoreAll(question)[0]!, index.terms.bestPossible(question));
    expect(share("liveness probe")).toBeGreaterThan(0.4);
    expect(share("liveness probe")).toBeLessThanOrEqual(1);
    expect(share("liveness probe zebra")).toBeLessThan(share("liveness probe"));
    expect(share("liveness-probe")).toBeCloseTo(share("liveness probe"), 6);
    expect(bm25Share(0, index.terms.bestPossible(""))).toBe(0);
  });

  it("ignores accidental words of a pasted error when scoring the passage that explains it", () => {
    const told = "Back-off restarting failed container";
    const printed = `${told} web=nginx-7d4b9c8f5d-xkzvq_default(8b6c12de-97aa-4f0e-8a11-c5d2e9b3f104) at 10.244.1.17:8443`;
    const documents = [
      {
        heading: ["Crashes"],
        text: `${told}: the container ends again and again, and the kubelet waits longer each time`,
      },
      ...Array.from({ length: 40 }, (_, i) => ({
        heading: [`Other ${i}`],
        text: `a container of kind ${i} and its web page`,
      })),
    ];
    const shareIn = (index: Bm25Index) => (question: string) =>
      bm25Share(index.scoreAll(question)[0]!, index.terms.bestPossible(question));
    const index = buildBm25(documents);
    const share = shareIn(index);
    expect(share(told)).toBeGreaterThan(0.35);
    expect(share(printed)).toBeGreaterThan(0.5 * share(told));
    expect(index.terms.bestPossible(`${told} 8443`)).toBe(index.terms.bestPossible(told));
    // More terms match than count: still a share.
    const long = DOCUMENTS.map(({ text }) => text).join(" ");
    expect(bm25Share(1000, index.terms.bestPossible(long))).toBe(1);
  });

  it("accepts no passages and empty passages", () => {
    expect(buildBm25([]).search("pods", 5).positions).toHaveLength(0);
    expect(buildBm25([{ heading: [], text: "" }]).search("pods", 5).positions).toHaveLength(0);
  });
});

describe("Bm25Index on disk", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bm25-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("loads with the same scores, and rejects a truncated file by name", async () => {
    const index = buildBm25(DOCUMENTS);
    await index.save(folder);
    const loaded = await Bm25Index.load(folder);
    expect(loaded.scoreAll("restart container probe")).toEqual(index.scoreAll("restart container probe"));
    expect(loaded.settings).toEqual(index.settings);
    await truncate(join(folder, "bm25.bin"), 100);
    await expect(Bm25Index.load(folder)).rejects.toMatchObject({
      code: "CorruptArtifact",
      message: expect.stringContaining("bm25.bin"),
    });
  });
});
