import { describe, expect, it } from "vitest";
import { asTyped, firstPerson, headingQuestion, phrase } from "./phrasing.ts";
import { taskOf } from "./verbs.ts";

const never = () => 0.99;

describe("taskOf", () => {
  it.each([
    ["Creating a Deployment", "create a Deployment"],
    ["Create a Deployment", "create a Deployment"],
    ["Running and updating Pods", "run and update Pods"],
    ["How to debug a Service", "debug a Service"],
    ["Logging Architecture", null],
    ["Access modes", null],
    ["Pod lifecycle", null],
    ["Creating", null],
  ])("%j is the task %j", (heading, task) => {
    expect(taskOf(heading)).toBe(task);
  });
});

describe("headingQuestion", () => {
  it("keeps a question unchanged", () => {
    expect(headingQuestion("What is a Pod?", never)).toBe("what is a pod?");
  });

  it("asks for a topic in one of several forms", () => {
    const forms = new Set([0, 0.6, 0.8].map((at) => headingQuestion("Pod lifecycle", () => at)));
    expect(forms.size).toBe(3);
    for (const form of forms) expect(form.toLowerCase()).toContain("pod lifecycle");
  });
});

describe("asTyped", () => {
  it("lower-cases words but not identifiers, and drops markup and closing punctuation", () => {
    expect(asTyped("2. The `nodeName` of a Pod in the API, v1.29:", never)).toBe(
      "the nodeName of a pod in the API, v1.29",
    );
  });
});

describe("firstPerson", () => {
  it("distinguishes subject from object", () => {
    expect(firstPerson("you can read your logs, which lets you debug; it is up to you")).toBe(
      "I can read my logs, which lets me debug; it is up to me",
    );
  });
});

describe("phrase", () => {
  it("ends where a phrase can end", () => {
    expect(phrase("the kubelet restarts the container of the pod", 7)).toBe("the kubelet restarts the container");
    expect(phrase("set a higher limit (and possibly request", 20)).toBe("set a higher limit");
  });
});
