import { itemsOf, type Located, member, membersOf } from "../../text/located.ts";
import { refName, refOf, scalar, short, texts } from "./scope.ts";

const MAX_NESTED = 4;
/** Keywords of JSON Schema and OpenAPI that limit a value, and how they read. */
const LIMITS: [string, string][] = [
  ["minimum", "minimum"],
  ["exclusiveMinimum", "greater than"],
  ["maximum", "maximum"],
  ["exclusiveMaximum", "less than"],
  ["multipleOf", "multiple of"],
  ["minLength", "minimum length"],
  ["maxLength", "maximum length"],
  ["pattern", "pattern"],
  ["minItems", "minimum items"],
  ["maxItems", "maximum items"],
  ["minProperties", "minimum fields"],
  ["maxProperties", "maximum fields"],
  ["collectionFormat", "list format"],
  ["contentEncoding", "encoding"],
  ["contentMediaType", "media type"],
];
const FLAGS: [string, string][] = [
  ["nullable", "nullable"],
  ["readOnly", "read-only"],
  ["writeOnly", "write-only"],
  ["deprecated", "deprecated"],
  ["allowEmptyValue", "may be empty"],
];
const CHOICES: [string, string, string][] = [
  ["allOf", "", " and "],
  ["oneOf", "one of ", ", "],
  ["anyOf", "any of ", ", "],
];

/** Type, enum, default and limits of a schema on one line: "string (date-time); default: now". */
export function typeAndLimits(schema: Located | undefined): string {
  return [typeOf(schema), ...limitsOf(schema)].filter((part) => part !== "").join("; ");
}

/** The type of a schema in words: "array of Pet". */
export function typeOf(schema: Located | undefined, depth = 0): string {
  if (schema?.value === false) return "nothing";
  if (!(schema?.value instanceof Map)) return "";
  const ref = refOf(schema);
  if (ref !== "") return refName(ref);
  const choices = CHOICES.flatMap(([keyword, before, between]) => {
    const options = itemsOf(member(schema, keyword));
    if (options.length === 0) return [];
    if (depth >= MAX_NESTED) return ["…"];
    const named = options.map((option) => typeOf(option, depth + 1)).filter((name) => name !== "");
    return named.length === 0 ? [] : [named.length === 1 ? named[0]! : `${before}${named.join(between)}`];
  });
  const own = [ownType(schema, depth), ...choices].filter((name) => name !== "");
  return own[0] === "object" && own.length > 1 ? own.slice(1).join(" and ") : own.join(" and ");
}

function ownType(schema: Located, depth: number): string {
  const given = member(schema, "type");
  const names = Array.isArray(given?.value) ? texts(given) : [scalar(given)];
  const items = member(schema, "items");
  const extra = member(schema, "additionalProperties");
  const inner = (node: Located | undefined) => (depth >= MAX_NESTED ? "…" : typeOf(node, depth + 1));
  const words = names.map((name) => {
    const of = inner(items);
    if (name === "array" || (name === "" && items)) return of === "" ? "array" : `array of ${of}`;
    const values = name === "object" || name === "" ? inner(extra) : "";
    if (values !== "" && values !== "nothing") return `map of ${values}`;
    return name === "" && member(schema, "properties") ? "object" : name;
  });
  const format = scalar(member(schema, "format"));
  const type = words.filter((word) => word !== "").join(" or ");
  return format === "" ? type : type === "" ? format : `${type} (${format})`;
}

function limitsOf(schema: Located | undefined): string[] {
  const values = itemsOf(member(schema, "enum")).map(short);
  const said = (name: string, word: string) => {
    const node = member(schema, name);
    return node === undefined || node.value === true || node.value === false ? [] : [`${word}: ${short(node)}`];
  };
  const chosen = (name: string) => {
    const node = member(schema, name);
    return node === undefined ? [] : [`${name === "const" ? "always" : name}: ${short(node)}`];
  };
  const example = member(schema, "example");
  const items = member(schema, "items");
  return [
    ...(values.length > 0 ? [`one of: ${values.join(", ")}`] : []),
    ...chosen("const"),
    ...chosen("default"),
    ...LIMITS.flatMap(([name, word]) => said(name, word)),
    ...FLAGS.flatMap(([name, word]) => (member(schema, name)?.value === true ? [word] : [])),
    ...(items && member(schema, "uniqueItems")?.value === true ? ["unique items"] : []),
    ...(example && (example.value === null || typeof example.value !== "object") ? [`example: ${short(example)}`] : []),
    ...discriminator(member(schema, "discriminator")),
  ];
}

function discriminator(node: Located | undefined): string[] {
  if (node === undefined) return [];
  const name = scalar(member(node, "propertyName")) || scalar(node);
  const kinds = membersOf(member(node, "mapping")).map(([value, ref]) => `${value}: ${refName(scalar(ref))}`);
  return [`told apart by ${name}${kinds.length > 0 ? ` (${kinds.join(", ")})` : ""}`];
}
