/** From Zod to the JSON Schema of an OpenAPI 3.1 document: named schemas become components. */
import { z } from "zod";
import type { JsonSchema } from "../laravel-rules.ts";

export type AnySchema = z.ZodType;
export type Components = { readonly [name: string]: JsonSchema };

/** Each of `schemas` as it stands in the document, and the components that they refer to. */
export function jsonSchemasOf<Name extends string>(
  schemas: Readonly<Record<Name, AnySchema>>,
): { readonly schemas: Readonly<Record<Name, JsonSchema>>; readonly components: Components } {
  const { properties, $defs } = z.toJSONSchema(z.object(schemas), {
    override: ({ jsonSchema }) => plain(jsonSchema),
  });
  return JSON.parse(
    JSON.stringify({ schemas: properties ?? {}, components: $defs ?? {} }).replaceAll(
      '"#/$defs/',
      '"#/components/schemas/',
    ),
  );
}

/** What Zod writes beyond what readers need: answers may get further fields in later versions, and null is a type like others. */
function plain(json: { [keyword: string]: unknown }): void {
  if (json["type"] === "object") delete json["propertyNames"];
  if (json["additionalProperties"] === false) delete json["additionalProperties"];
  if (json["maximum"] === Number.MAX_SAFE_INTEGER) delete json["maximum"];
  if (json["minimum"] === Number.MIN_SAFE_INTEGER) delete json["minimum"];
  const { anyOf } = json;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return;
  const [first, second]: readonly JsonSchema[] = anyOf;
  if (first === undefined || second?.["type"] !== "null" || typeof first["type"] !== "string") return;
  delete json["anyOf"];
  const values = first["enum"];
  Object.assign(json, { ...first, ...json }, { type: [first["type"], "null"] });
  if (Array.isArray(values)) json["enum"] = [...values, null];
}
