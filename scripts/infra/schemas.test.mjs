import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { schemaName, strict, writeCustomSchemas } from "./schemas.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "winnow-schemas-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("names schemas in kubeconform's form", () => {
  expect(schemaName({ group: "", version: "v1", kind: "Service" })).toBe("service-v1.json");
  expect(schemaName({ group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy" })).toBe(
    "networkpolicy-networking-v1.json",
  );
});

it("refuses undeclared fields of an object, unless its schema is open", () => {
  const object = {
    type: "object",
    properties: { properties: { type: "object", properties: { a: { type: "string" } } } },
  };
  expect(strict(object)).toMatchObject({ additionalProperties: false });
  expect(strict(object).properties.properties.additionalProperties).toBe(false);
  expect(strict({ ...object, additionalProperties: true }).additionalProperties).toBe(true);
  expect(strict({ type: "object" })).toEqual({ type: "object" });
});

it("takes a custom resource's schema from its definition", async () => {
  const openAPIV3Schema = { type: "object", properties: { spec: { type: "object" } } };
  const spec = {
    group: "keda.sh",
    names: { kind: "ScaledObject" },
    versions: [{ name: "v1", schema: { openAPIV3Schema } }],
  };
  writeFileSync(join(folder, "crd.yaml"), JSON.stringify({ spec }));
  await writeCustomSchemas(folder, folder);
  const written = JSON.parse(readFileSync(join(folder, "scaledobject-keda-v1.json"), "utf8"));
  expect(written.properties.spec).toEqual({ type: "object" });
});
