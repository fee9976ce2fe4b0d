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
