import { expect, it } from "vitest";
import { allows, checkLicences, EXCEPTIONS } from "./licences.mjs";

const component = (name, ...ids) => ({ name, version: "1.0.0", licenses: ids.map((id) => ({ license: { id } })) });
const problemsOf = (...components) =>
  checkLicences(components).problems.filter((problem) => !/exception for/.test(problem));

it.each([
  ["MIT", true],
  ["GPL-3.0-only", false],
  ["(MIT OR GPL-3.0-only)", true],
  ["MIT AND GPL-3.0-only", false],
  ["GPL-3.0-only OR MIT AND ISC", true],
  ["(GPL-3.0-only OR MIT) AND LGPL-2.1-only", false],
  ["MIT WITH Some-exception", false],
  ["SEE LICENSE IN LICENSE.txt", false],
])("judges %s: %s", (expression, met) => {
  expect(allows(expression, (id) => id === "MIT" || id === "ISC")).toBe(met);
});

it("refuses copyleft and unknown licences, by name and version", () => {
  expect(problemsOf(component("a", "MIT"), component("b", "GPL-2.0-only"), component("c"))).toEqual([
    "b@1.0.0: GPL-2.0-only",
    "c@1.0.0: no licence stated",
  ]);
});

it("accepts a listed exception for its packages alone", () => {
  expect(problemsOf(component("axe-core", "MPL-2.0"), component("other", "MPL-2.0"))).toEqual(["other@1.0.0: MPL-2.0"]);
  expect(problemsOf(component("unionfs"))).toEqual([]);
  // It states another licence now.
  expect(problemsOf(component("unionfs", "GPL-3.0-only"))).toEqual(["unionfs@1.0.0: GPL-3.0-only"]);
});

it("reports an exception that nothing needs", () => {
  expect(checkLicences([component("axe-core", "MPL-2.0")]).problems).toContain(
    "the exception for ^cohere-ai$ is needed by no package",
  );
  for (const { why } of EXCEPTIONS) expect(why).not.toBe("");
});
