import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { run, tail } from "../setup/run.mjs";
import { objectsIn } from "./manifests.mjs";

/** Modules with the definitions of custom resources that the manifests use, and their folders. */
const CUSTOM = {
  "github.com/kedacore/keda/v2@v2.21.0": "config/crd/bases",
  "github.com/prometheus-operator/prometheus-operator@v0.85.0": "example/prometheus-operator-crd",
};

/** Types for which the API server accepts more forms than its OpenAPI document lists. */
const LENIENT = {
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { oneOf: [{ type: "string" }, { type: "integer" }] },
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { oneOf: [{ type: "string" }, { type: "number" }] },
};

/** Folder of a Go module's source, verified against Go's checksum database. */
export async function moduleFolder(module) {
  const env = { ...process.env, GOFLAGS: "-mod=mod" };
  const { code, output } = await run("go", ["mod", "download", "-json", module], { env });
  if (code !== 0) throw new Error(`${module}: ${code === 127 ? "there is no Go" : tail(output, 3)}`);
  return JSON.parse(output.slice(output.indexOf("{"))).Dir;
}

/** Folders with the definitions of custom resources, one for each module. */
export function customFolders() {
  return Promise.all(Object.entries(CUSTOM).map(async ([module, folder]) => join(await moduleFolder(module), folder)));
}

/** The definitions of custom resources. */
export async function customDefinitions() {
  return (await Promise.all((await customFolders()).map(objectsBelow))).flat();
}

async function objectsBelow(folder) {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml");
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap(objectsIn);
}

/** Schema name of a kind in kubeconform's form: lower case, first word of the group, version. */
export function schemaName({ group, version, kind }) {
  const suffix = group ? `${group.split(".")[0]}-${version}` : version;
  return `${kind}-${suffix}.json`.toLowerCase();
}

/** Writes JSON schemas of all kinds of a Kubernetes version, from its OpenAPI document; unknown fields are refused. */
export async function writeKubernetesSchemas(moduleDir, folder) {
  const swagger = JSON.parse(await readFile(join(moduleDir, "api", "openapi-spec", "swagger.json"), "utf8"));
  const definitions = { ...strict(swagger.definitions), ...LENIENT };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "definitions.json"), JSON.stringify({ definitions }));
  for (const [name, definition] of Object.entries(swagger.definitions))
    for (const gvk of definition["x-kubernetes-group-version-kind"] ?? [])
      await writeFile(join(folder, schemaName(gvk)), JSON.stringify({ $ref: `definitions.json#/definitions/${name}` }));
}

/** Writes JSON schemas of custom resources, from their definitions. */
export async function writeCustomSchemas(crdDir, folder) {
  await mkdir(folder, { recursive: true });
  for (const file of (await readdir(crdDir)).filter((name) => name.endsWith(".yaml"))) {
    const { spec } = parse(await readFile(join(crdDir, file), "utf8"));
    for (const { name: version, schema } of spec.versions)
      await writeFile(
        join(folder, schemaName({ group: spec.group, version, kind: spec.names.kind })),
        JSON.stringify(strict(schema.openAPIV3Schema)),
      );
  }
}

/** The same schema without additional properties in objects with named ones. */
export function strict(schema) {
  if (Array.isArray(schema)) return schema.map(strict);
  if (schema === null || typeof schema !== "object") return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const open = schema["x-kubernetes-preserve-unknown-fields"] || schema.additionalProperties !== undefined;
  const named = schema.properties && typeof schema.properties === "object" && schema.type !== undefined;
  return named && schema.type === "object" && !open ? { ...inner, additionalProperties: false } : inner;
}
