/** A JSON Schema, as far as it is shown. */
export interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  description?: string;
}

/** A field of a body, with the names of the objects around it: `receipt.candidates[].id`. */
export interface Field {
  name: string;
  type: string;
  about: string;
  required: boolean;
}

/** Schemas nest this far at most. */
const DEEPEST = 8;

/** The fields of a schema and of all objects in it, in their order. */
export function fieldsOf(schema: Schema, prefix = "", depth = 0): Field[] {
  if (depth > DEEPEST) return [];
  const variants = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const required = schema.required?.includes(key) ?? false;
    const field: Field = { name, type: typeOf(value), about: value.description ?? "", required };
    return [field, ...fieldsOf(value, `${name}.`, depth + 1)];
  });
  const items = schema.items ? fieldsOf(schema.items, `${prefix.replace(/\.$/, "")}[].`, depth + 1) : [];
  const others = variants.flatMap((variant) => fieldsOf(variant, prefix, depth + 1));
  return unique([...own, ...items, ...others]);
}

/** Variants of one body share fields. */
function unique(fields: Field[]): Field[] {
  return [...new Map(fields.map((field) => [field.name, field])).values()];
}

function typeOf(schema: Schema): string {
  const { type, items, enum: choices, const: only, anyOf, oneOf, minimum, maximum, maxLength } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (choices) return choices.map((choice) => JSON.stringify(choice)).join(", ");
  const variants = anyOf ?? oneOf;
  if (variants) return [...new Set(variants.map(typeOf))].join(" or ");
  const name = [type ?? "any"].flat().join(" or ");
  const limits = [
    ...(minimum !== undefined ? [`from ${minimum}`] : []),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? [`to ${maximum}`] : []),
    ...(maxLength !== undefined ? [`at most ${maxLength} characters`] : []),
    ...(schema.default !== undefined ? [`default ${JSON.stringify(schema.default)}`] : []),
  ];
  return [items ? `${name} of ${typeOf(items)}` : name, ...limits].join(", ");
}
