import { describe, expect, it } from "vitest";
import { stem } from "./stem.ts";
import { queryTerms, tokenize } from "./tokenize.ts";

describe("tokenize", () => {
  it("gives a flag as a whole and by its parts", () => {
    expect(tokenize("set --max-pods=20")).toEqual(["set", "max-pods", "max", "pod", "20"]);
  });

  it("gives a field path, its fields and the words inside them", () => {
    expect(tokenize("spec.nodeName")).toEqual(["spec.nodename", "spec", "nodenam", "node", "name"].map(stemLast));
  });

  it("meets a camel-case status from its own words and from its lower-case spelling", () => {
    expect(tokenize("CrashLoopBackOff")).toEqual(["crashloopbackoff", "crash", "loop", "back", "off"]);
    expect(tokenize("crashloopbackoff")).toEqual(["crashloopbackoff"]);
    expect(tokenize("OOMKilled")).toContain("oom");
  });

  it("gives a qualified label as a whole, its domain and its parts", () => {
    const terms = tokenize("`kubectl.kubernetes.io/last-applied`");
    for (const term of ["kubectl.kubernetes.io/last-applied", "kubectl.kubernetes.io", "last-applied", "kubectl"]) {
      expect(terms).toContain(term);
    }
  });

  it("does not take the plural of an acronym apart", () => {
    expect(tokenize("PVCs")).toEqual(tokenize("pvc"));
  });

  it("does not take a hash apart, whose pieces would be found anywhere; words with numbers are", () => {
    expect(tokenize("nginx-7d4b9c8f5d-xkzvq")).toEqual(["nginx-7d4b9c8f5d-xkzvq", "nginx", "7d4b9c8f5d", "xkzvq"]);
    expect(tokenize("8b6c12de")).toEqual(["8b6c12de"]);
    expect(tokenize("v1beta1")).toEqual(["v1beta1", "v1", "beta1"]);
  });

  it("ends an identifier before the full stop of its sentence", () => {
    expect(tokenize("Uses etcd. Then")).toEqual([stem("uses"), "etcd", "then"]);
  });

  it("drops what is left of a contraction", () => {
    expect(tokenize("the pod's node can’t start")).toEqual([stem("the"), "pod", stem("node"), "can", "start"]);
  });
});

describe("queryTerms", () => {
  it("searches for the subject, once a term, not for the words around it", () => {
    expect(queryTerms("How do I restart my pods and the other pods?")).toEqual(["restart", "pod", "other"]);
  });

  it("keeps function words when there is nothing else", () => {
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

  it("leaves versions and hashes alone", () => {
    expect(stem("v1beta1s")).toBe("v1beta1s");
  });
});

function stemLast(term: string): string {
  return term.includes(".") ? term : stem(term);
}
