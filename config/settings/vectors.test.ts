import { describe, expect, it } from "vitest";
import { readingOf } from "../reading.ts";
import { readVectorServer } from "./vectors.ts";

const at = (env: Record<string, string>) => readVectorServer(readingOf(env));

describe("WINNOW_VECTORS", () => {
  it("reads address, prefix, copies and key; the default is FAISS", () => {
    expect(at({})).toBeNull();
    expect(at({ WINNOW_VECTORS: "weaviate+http://db:8080" })).toEqual({
      ...{ kind: "weaviate", url: "http://db:8080", prefix: "Winnow", replicas: 1, apiKey: null },
    });
    const env = { WINNOW_VECTORS: "weaviate+https://db/TeamA?replicas=3", WINNOW_VECTORS_API_KEY: "k" };
    const wanted = { url: "https://db", prefix: "TeamA", replicas: 3, apiKey: "k" };
    expect(at(env)).toMatchObject(wanted);
  });

  it("refuses unknown addresses, without repeating a password", () => {
    for (const text of [
      "http://db",
      "qdrant+http://db",
      "weaviate+ftp://db",
      "weaviate+http://db/lower",
      "weaviate+http://",
    ])
      expect(() => at({ WINNOW_VECTORS: text })).toThrow(/give weaviate\+http/);
    for (const text of ["weaviate+http://db?replicas=0", "weaviate+http://user:hunter2@db"])
      expect(() => at({ WINNOW_VECTORS: text })).toThrow(/^(?!.*hunter2)WINNOW_VECTORS/);
  });
});

describe("WINNOW_SEARCH", () => {
  it("reads servers, prefix, copies, shards and key; by default two copies, and a shard for each server", () => {
    expect(at({ WINNOW_SEARCH: "weaviate+http://a:1,b:2,c:3" })).toEqual({
      ...{ kind: "weaviate", url: "http://a:1", prefix: "Winnow", replicas: 2, apiKey: null },
      corpus: { urls: ["http://a:1", "http://b:2", "http://c:3"], shards: 3 },
    });
    expect(at({ WINNOW_SEARCH: "weaviate+https://a/TeamA?shards=12", WINNOW_SEARCH_API_KEY: "k" })).toEqual({
      ...{ kind: "weaviate", url: "https://a", prefix: "TeamA", replicas: 1, apiKey: "k" },
      corpus: { urls: ["https://a"], shards: 12 },
    });
  });

  it("refuses more copies than servers, a server twice, and WINNOW_VECTORS beside it", () => {
    const refusals: [string, RegExp][] = [
      ["weaviate+http://a,b?replicas=3", /3 replicas, but names 2 servers/],
      ["weaviate+http://a,a", /names a server twice/],
      ["weaviate+http://a,,b", /give weaviate\+http/],
      [
        "weaviate+http://a,u:hunter2@b",
        /^(?!.*hunter2)WINNOW_SEARCH holds a password, which belongs into WINNOW_SEARCH_API_KEY/,
      ],
      ["weaviate+http://a?shards=5000", /5000 shards: 1024 are the most/],
      ["weaviate+http://a?shards=1.5", /shards that are no whole number/],
      ["weaviate+http://a?shard=6", /has "shard", but takes replicas and shards/],
      ["weaviate+http://a?shards=1&shards=6", /has "shards", but takes replicas and shards, once/],
      ["weaviate+http://a\\b:1/P", /is no address/],
      ["weaviate+http://a/P#shards=6", /is no address/],
    ];
    for (const [given, problem] of refusals) expect(() => at({ WINNOW_SEARCH: given })).toThrow(problem);
    const both = { WINNOW_SEARCH: "weaviate+http://a", WINNOW_VECTORS: "weaviate+http://a" };
    expect(() => at(both)).toThrow(/unset WINNOW_VECTORS/);
    expect(() => at({ WINNOW_VECTORS: "weaviate+http://a,b" })).toThrow(/WINNOW_SEARCH takes several/);
  });
});
