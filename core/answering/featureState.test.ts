import { expect, it } from "vitest";
import { asksForState, stateOf } from "./featureState.ts";

it.each([
  ["is swap available in v1.28", true],
  ["InPlacePodVerticalScaling feature gate default", true],
  ["is sidecar support still beta?", true],
  ["what was deprecated", true],
  ["what is the state of the swap memory feature?", true],
  ["what is the state of a Pod that was evicted?", false],
  ["how do I drain a node?", false],
  ["set 1.5 cores as limit", true],
  ["10.0.0.1 refused", false],
])("detects whether %s asks for a version or stage", (question, expected) => {
  expect(asksForState(question)).toBe(expected);
});

it("finds the line that states a version or stage, in the forms docs use", () => {
  expect(stateOf(["Swap is off.", "FEATURE STATE: v1.30 [beta] (enabled by default: true)"])).toBe(
    "FEATURE STATE: v1.30 [beta] (enabled by default: true)",
  );
  expect(stateOf(["New in v2.1 and supports PUT from v2.9"])).toBe("New in v2.1 and supports PUT from v2.9");
  expect(stateOf(["**Deprecated in 3.0:** use x."])).toBe("**Deprecated in 3.0:** use x.");
  expect(stateOf(["STATUS: deployed", "Since we do not need it, 1.2 is ignored", "version: 1.2"])).toBeNull();
});
