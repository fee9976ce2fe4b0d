import type { PhrasingContent, RootContent } from "mdast";
import { itemsOf, type Located, member, membersOf, type PlacedLine } from "../../text/located.ts";
import { blocksOf, cellOf, example, paragraph, type Row, type Span, table, writtenLines } from "./blocks.ts";
import { follow, lastLine, refOf, type Scope, spanOf, textLines, texts } from "./scope.ts";
import { typeAndLimits, typeOf } from "./types.ts";

const HEADER = ["Field", "Type", "Required", "Description"];
/** Longest path above a field in its row. */
const MAX_PATH = 200;
/** Bounds of the fields of a shared schema where it is used. Its own section has them all. */
const OUTLINE = { fields: 30, steps: 200 };
const LISTS = ["allOf", "oneOf", "anyOf"];
const SINGLES = ["not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties"];
const MAPS = ["$defs", "definitions", "dependentSchemas"];
/** Keywords whose values are schemas, or data of any size. */
const NESTED = new Set([
  ...["properties", "patternProperties", "additionalProperties", "items", "prefixItems", "example", "examples"],
  ...[...LISTS, ...SINGLES, ...MAPS],
]);

/** A schema inside another. `name` is its path in the other; `isField` if readers know it by that name. */
interface Part {
  path: string;
  schema: Located;
  isField: boolean;
  isRequired: boolean;
}

/** The section of a shared schema: description, type, all fields, examples. */
export function schemaBlocks(schema: Located, scope: Scope): RootContent[] {
  const type = typeAndLimits(schema);
  const own = type === "" || type === "object" ? [] : [paragraph(`Type: ${type}`, ownSpan(schema, scope))];
  return [
    ...blocksOf(textLines(member(schema, "title"), scope)),
    ...blocksOf(textLines(member(schema, "description"), scope)),
    ...moreBlocks(schema, scope),
    ...own,
    ...fieldTable(schema, scope),
    ...schemaExamples(schema, scope),
  ];
}

/** All fields of a schema that is written out where it stands. */
export function fieldTable(schema: Located, scope: Scope, path = ""): RootContent[] {
  return table(HEADER, fieldRows(schema, scope, path));
}

/** Examples of a schema that are more than a word. */
function schemaExamples(schema: Located, scope: Scope): RootContent[] {
  const one = member(schema, "example");
  const given = one && typeof one.value === "object" && one.value !== null ? [one] : [];
  return [...given, ...itemsOf(member(schema, "examples"))].flatMap((value) =>
    example("Example", exampleLines(value, scope), notationOf(scope)),
  );
}

/** Lines of an example; of a shared definition, all on the line of the reference. */
export function exampleLines(value: Located, { text, at }: Scope): PlacedLine[] {
  const lines = writtenLines(value, text);
  return at === null ? lines : lines.map((line) => ({ text: line.text, line: at }));
}

/** The notation of the file. */
export function notationOf({ text }: Scope): "json" | "yaml" {
  return text.trimStart().startsWith("{") ? "json" : "yaml";
}

function fieldRows(schema: Located, scope: Scope, above: string): Row[] {
  return partsOf(schema, above).flatMap((part) => {
    const { path, isField } = part;
    const isShown = isField || ["description", "title", "enum", "default"].some((name) => member(part.schema, name));
    return [
      ...(isShown ? [rowOf(part, scope)] : []),
      ...(refOf(part.schema) === "" ? fieldRows(part.schema, scope, path) : []),
    ];
  });
}

function rowOf({ path, schema, isRequired }: Part, scope: Scope): Row {
  const description = describedCell(schema, scope);
  return {
    cells: [path, typeAndLimits(schema), isRequired ? "required" : "", description],
    lines: ownSpan(schema, scope),
  };
}

/** Title, description and further reading of a schema or parameter as a cell. */
export function describedCell(node: Located, scope: Scope): PhrasingContent[] {
  const docs = member(node, "externalDocs");
  const parts = [
    member(node, "title"),
    member(node, "description"),
    member(docs, "description"),
    member(docs, "url"),
  ].flatMap((text) => {
    const cell = cellOf(textLines(text, scope));
    return cell.length === 0 ? [] : [cell];
  });
  return parts.flatMap((cell, i) => (i === 0 ? cell : [{ type: "text", value: " " } as const, ...cell]));
}

/** Further reading (External Documentation Object). */
export function moreBlocks(node: Located, scope: Scope): RootContent[] {
  const docs = member(node, "externalDocs");
  if (docs === undefined) return [];
  return [
    ...blocksOf(textLines(member(docs, "description"), scope)),
    ...blocksOf(textLines(member(docs, "url"), scope)),
  ];
}

/** Lines of a schema without those of the schemas in it. */
export function ownSpan(schema: Located, scope: Scope): Span {
  return scope.at === null ? [schema.named ?? schema.line, lastLine(schema, NESTED)] : [scope.at, scope.at];
}

function partsOf(schema: Located, above: string): Part[] {
  const required = new Set(texts(member(schema, "required")));
  const prefix = above.length > MAX_PATH ? `…${above.slice(-MAX_PATH)}` : above;
  const field = (name: string) => (prefix === "" ? name : `${prefix}.${name}`);
  const part = (path: string, node: Located, isField = false): Part => ({
    ...{ path, schema: node, isField },
    isRequired: isField && required.has(path.slice(path.length - lastStep(path, prefix))),
  });
  const single = (name: string, path: string) => {
    const node = member(schema, name);
    return node?.value instanceof Map ? [part(path, node)] : [];
  };
  return [
    ...membersOf(member(schema, "properties")).map(([name, node]) => part(field(name), node, true)),
    ...membersOf(member(schema, "patternProperties")).map(([name, node]) => part(field(`/${name}/`), node, true)),
    ...single("additionalProperties", field("*")),
    ...single("items", `${prefix}[]`),
    ...itemsOf(member(schema, "prefixItems")).map((node, i) => part(`${prefix}[${i}]`, node)),
    ...LISTS.flatMap((name) => itemsOf(member(schema, name)).map((node) => part(prefix, node))),
    ...SINGLES.flatMap((name) => single(name, prefix)),
    ...MAPS.flatMap((name) => membersOf(member(schema, name)).map(([, node]) => part(prefix, node))),
  ];
}

function lastStep(path: string, prefix: string): number {
  return path.length - (prefix === "" ? 0 : prefix.length + 1);
}

/** The first fields of a shared schema in one line, where the schema is used. */
export function outline(schema: Located, scope: Scope): RootContent[] {
  const made: Outline = { fields: [], steps: 0, open: new Set() };
  addOutline(schema, scope, made);
  const [line] = spanOf(schema, scope);
  return made.fields.length === 0 ? [] : [paragraph(`Fields: ${made.fields.join(", ")}`, [line, line])];
}

interface Outline {
  fields: string[];
  steps: number;
  /** References that are being followed. */
  open: Set<string>;
}

function addOutline(schema: Located, scope: Scope, made: Outline): void {
  const ref = refOf(schema);
  if (++made.steps > OUTLINE.steps || made.open.has(ref)) return;
  const { node, unread } = follow(schema, scope);
  if (unread !== null) return;
  if (ref !== "") made.open.add(ref);
  for (const { path, schema: part, isField, isRequired } of partsOf(node, "")) {
    if (made.fields.length > OUTLINE.fields) break;
    const facts = [typeOf(part), isRequired ? "required" : ""].filter((fact) => fact !== "").join(", ");
    const field = facts === "" ? path : `${path} (${facts})`;
    if (made.fields.length === OUTLINE.fields) made.fields.push("…");
    else if (isField) made.fields.push(field);
    else addOutline(part, scope, made);
  }
  made.open.delete(ref);
}
