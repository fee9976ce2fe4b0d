import { describe, expect, it } from "vitest";
import { WinnowError } from "../../../base/errors.ts";
import { Weaviate } from "../../engines/weaviate.ts";
import { Replicas } from "./replicas.ts";

const HEDGE_MS = 20;

/** Replicas on servers of these names; `ask` works by name. */
function replicasOf(...names: string[]) {
  const hosts = names.map((name) => {
    const url = `http://${name}`;
    return { url, client: new Weaviate({ url, apiKey: null }), avoidedUntil: 0 };
  });
  const all = hosts.map((host) => ({ host, ready: async () => {} }));
  return new Replicas(all, HEDGE_MS);
}

const nameOf = (client: Weaviate) => new URL(client.url).hostname;
const never = () => new Promise<never>(() => {});
const away = () => Promise.reject(new WinnowError("VectorServerUnavailable", "no connection"));
const damaged = () => Promise.reject(new WinnowError("CorruptArtifact", "holds 3 objects, expected 4"));

describe("replicas of a shard", () => {
  it("take turns", async () => {
    const replicas = replicasOf("a", "b");
    const asked = [1, 2, 3, 4].map(() => replicas.ask(async (client) => nameOf(client)));
    expect(await Promise.all(asked)).toEqual(["a", "b", "a", "b"]);
  });

  it("answer for one another when one fails, which is asked last from then on", async () => {
    const replicas = replicasOf("a", "b");
    const asked: string[] = [];
    const work = (client: Weaviate) => {
      asked.push(nameOf(client));
      return nameOf(client) === "a" ? damaged() : Promise.resolve(nameOf(client));
    };
    for (let question = 0; question < 3; question++) expect(await replicas.ask(work)).toBe("b");
    expect(asked).toEqual(["a", "b", "b", "b"]);
  });

  it("are asked as well when one is slow, and the slow request is given up", async () => {
    const replicas = replicasOf("a", "b");
    let stopped = false;
    const work = (client: Weaviate, signal: AbortSignal) => {
      if (nameOf(client) === "b") return Promise.resolve("b");
      signal.addEventListener("abort", () => (stopped = true));
      return never();
    };
    expect(await replicas.ask(work)).toBe("b");
    expect(stopped).toBe(true);
    const started = performance.now();
    expect(await replicas.ask(work)).toBe("b");
    expect(performance.now() - started).toBeLessThan(HEDGE_MS);
  });

  it("fail with the error that a retry may help, if there is one", async () => {
    const work = (client: Weaviate) => (nameOf(client) === "a" ? damaged() : away());
    await expect(replicasOf("a", "b").ask(work)).rejects.toMatchObject({ code: "VectorServerUnavailable" });
    await expect(replicasOf("a").ask(work)).rejects.toMatchObject({ code: "CorruptArtifact" });
  });
});
