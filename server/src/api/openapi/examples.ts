/** Examples of whole values, put together from those of their fields. */
import type { JsonSchema } from "@mintro/contract/laravel-rules";
import type { Components } from "@mintro/contract/operations/schemas";

const REF = "#/components/schemas/";

/** The schema that a reference names, or the schema itself. */
export function resolved(schema: JsonSchema, components: Components): JsonSchema {
  const { $ref } = schema;
  return typeof $ref === "string" ? (components[$ref.slice(REF.length)] ?? {}) : schema;
}

/** Throws where a field has neither an example nor a value that follows from its schema: each is told when it is written. */
export function exampleOf(schema: JsonSchema, components: Components): unknown {
  const { examples, properties, items, oneOf, const: only } = resolved(schema, components);
  if (Array.isArray(examples)) return examples[0];
  if (only !== undefined) return only;
  if (isSchema(properties)) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, exampleOf(schemaOf(inner), components)]),
    );
  }
  if (isSchema(items)) return [exampleOf(items, components)];
  if (Array.isArray(oneOf)) return exampleOf(schemaOf(oneOf[0]), components);
  throw new Error(`A schema has no example: ${JSON.stringify(schema)}`);
}

/** With an example for each schema and each of its fields that has none of its own. */
export function withExamples(components: Components): Components {
  const filled = Object.entries(components).map(([name, schema]) => {
    const { properties } = schema;
    const fields = isSchema(properties)
      ? Object.entries(properties).map(([field, inner]) => [field, filledIn(schemaOf(inner), components)])
      : [];
    const whole = { ...schema, ...(fields.length > 0 && { properties: Object.fromEntries(fields) }) };
    return [name, { ...whole, examples: [exampleOf(schema, components)] }] as const;
  });
  return Object.fromEntries(filled);
}

function filledIn(schema: JsonSchema, components: Components): JsonSchema {
  return "$ref" in schema || "examples" in schema
    ? schema
    : { ...schema, examples: [exampleOf(schema, components)] };
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function schemaOf(value: unknown): JsonSchema {
  return isSchema(value) ? value : {};
}
