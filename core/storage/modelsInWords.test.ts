import { expect, test } from "vitest";
import { modelsInWords } from "./modelsInWords.ts";

const digest = (start: string) => start.padEnd(64, "0");

test("a release names its models with the start of their digests; one that is not measured has no reranker's", () => {
  const embedder = { name: "BAAI/bge-small-en-v1.5", digest: digest("f2c366634bbbd9") };
  const reranker = { name: "all-MiniLM-L6-v2", digest: digest("1e1ebd8731b551") };
  expect(modelsInWords({ models: { embedder, reranker } })).toEqual([
    "embedder BAAI/bge-small-en-v1.5 (f2c366634bbb)",
    "reranker from all-MiniLM-L6-v2 (1e1ebd8731b5)",
  ]);
  expect(modelsInWords({ models: { embedder, reranker: null } })).toHaveLength(1);
  expect(modelsInWords({})).toEqual([]);
});
