import { expect, it } from "vitest";
import type { Page } from "../../page.ts";
import { readPage } from "../../pages.ts";
import { passagesOf } from "../../passages.ts";
import { Site } from "../../site.ts";
import { stagesText } from "./kubernetes.ts";

const GATE = `---
title: NodeSwap
stages:
  - stage: alpha
    defaultValue: false
    fromVersion: "1.22"
    toVersion: "1.27"
  - stage: beta
    defaultValue: true
    fromVersion: "1.30"
---
Lets the kubelet use swap.
`;

it("shows a feature gate's history from the front matter on its page", () => {
  const page = readPage({ path: "ref/feature-gates/NodeSwap.md", bytes: Buffer.from(GATE) }) as Page;
  const [passage] = passagesOf(page, new Site([page], "/"), (text) => text.split(/\s+/).length, {
    passage: 100,
    window: 100,
  }).passages;
  expect(passage!.text).toBe(
    "FEATURE STATE: v1.22 to v1.27 [alpha] (enabled by default: false); since v1.30 [beta] (enabled by default: true)\n" +
      "Lets the kubelet use swap.",
  );
});

it("adds nothing for other docs' front matter", () => {
  for (const stages of [undefined, "build", ["one", "two"], [{ name: "x" }], [null]])
    expect(stagesText({ stages })).toBe("");
});
