import { describe, expect, it } from "vitest";
import { stem } from "./stem.ts";
import { queryTerms, tokenize } from "./tokenize.ts";

describe("tokenize", () => {
  it("returns a flag as a whole and in parts", () => {
    expect(tokenize("set --max-pods=20")).toEqual(["set", "max-pods", "max", "pod", "20"]);
  });

  it("returns a field path, its fields and the words inside them", () => {
    expect(tokenize("spec.nodeName")).toEqual(["spec.nodename", "spec", "nodenam", "node", "name"].map(stemLast));
  });

  it("matches a camel-case status from its words and from its lower-case spelling", () => {
    expect(tokenize("CrashLoopBackOff")).toEqual(["crashloopbackoff", "crash", "loop", "back", "off"]);
    expect(tokenize("crashloopbackoff")).toEqual(["crashloopbackoff"]);
    expect(tokenize("OOMKilled")).toContain("oom");
  });

  it("returns a qualified label as a whole, its domain and its parts", () => {
    const terms = tokenize("`kubectl.kubernetes.io/last-applied`");
    for (const term of ["kubectl.kubernetes.io/last-applied", "kubectl.kubernetes.io", "last-applied", "kubectl"]) {
      expect(terms).toContain(term);
    }
  });

  it("does not split the plural of an acronym", () => {
    expect(tokenize("PVCs")).toEqual(tokenize("pvc"));
  });

  it("does not split a hash, whose pieces would match anywhere, but splits words with numbers", () => {
    expect(tokenize("nginx-7d4b9c8f5d-xkzvq")).toEqual(["nginx-7d4b9c8f5d-xkzvq", "nginx", "7d4b9c8f5d", "xkzvq"]);
    expect(tokenize("8b6c12de")).toEqual(["8b6c12de"]);
    expect(tokenize("v1beta1")).toEqual(["v1beta1", "v1", "beta1"]);
  });

  it("ends an identifier before the full stop of its sentence", () => {
    expect(tokenize("Uses etcd. Then")).toEqual([stem("uses"), "etcd", "then"]);
  });

  it("drops the rest of a contraction", () => {
    expect(tokenize("the pod's node can’t start")).toEqual([stem("the"), "pod", stem("node"), "can", "start"]);
  });
});

describe("queryTerms", () => {
  it("searches for each term of the subject once, without the words around it", () => {
    expect(queryTerms("How do I restart my pods and the other pods?")).toEqual(["restart", "pod", "other"]);
  });

  it("keeps function words if there are no others", () => {
    expect(queryTerms("how to")).toEqual(["how", "to"]);
  });
});

describe("stem", () => {
  it.each([
    ["policies", "policy"],
    ["scheduled", "scheduling"],
    ["schedules", "schedule"],
    ["classes", "class"],
    ["retried", "retry"],
    ["controlled", "control"],
    ["running", "runs"],
    ["using", "use"],
    ["apis", "api"],
    ["replicas", "replica"],
  ])("brings %s and %s together", (a, b) => {
    expect(stem(a)).toBe(stem(b));
  });

  it.each([
    ["scheduler", "schedule"],
    ["deployment", "deploy"],
    ["string", "str"],
    ["status", "statu"],
  ])("keeps %s and %s apart", (a, b) => {
    expect(stem(a)).not.toBe(stem(b));
  });

  it("leaves versions and hashes unchanged", () => {
    expect(stem("v1beta1s")).toBe("v1beta1s");
  });
});

function stemLast(term: string): string {
  return term.includes(".") ? term : stem(term);
}
