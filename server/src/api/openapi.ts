/**
 * The OpenAPI 3.1 document of the API, built from the tables that check requests, the schemas of answers, and the table of
 * failures. Pure: the same server address gives the same document. It is served at /openapi.json and kept in
 * docs/openapi.json, from which the SDK's types are generated.
 */
import { jsonSchema } from "@mintro/contract/laravel-kinds";
import type { AnyField, Fields, JsonSchema } from "@mintro/contract/laravel-rules";
import { ErrorAnswer, ValidationErrorAnswer } from "@mintro/contract/objects/envelope";
import { PAYLOADS } from "@mintro/contract/objects/payload";
import { API_PREFIX, OPERATIONS } from "@mintro/contract/operations/all";
import { successOf } from "@mintro/contract/operations/answers";
import { type Operation, TAGS } from "@mintro/contract/operations/operation";
import { type AnySchema, type Components, jsonSchemasOf } from "@mintro/contract/operations/schemas";
import { withExamples } from "./openapi/examples.ts";
import { HEADERS, IDEMPOTENCY_KEY, INFO, SECURITY_SCHEMES } from "./openapi/fixed.ts";
import { pascal, responsesOf, shareResponses } from "./openapi/responses.ts";
import { WEBHOOK_TAG, webhookHeaders, webhooksOf } from "./openapi/webhooks.ts";

export type OpenApiServer = {
  readonly url: string;
  readonly description: string;
  readonly variables?: Readonly<Record<string, { readonly default: string; readonly description: string }>>;
};

export type OpenApi = { readonly [part: string]: unknown };

/** `server` is where this Mintro answers. */
export function openApiDocument(server: OpenApiServer): OpenApi {
  const all: readonly Operation[] = Object.values(OPERATIONS);
  const answered: Record<string, AnySchema> = { ErrorAnswer, ValidationErrorAnswer };
  for (const operation of all) answered[operation.operationId] = successOf(operation);
  const answers = jsonSchemasOf(answered);
  const payloads = jsonSchemasOf(PAYLOADS);
  const schemas = withExamples({
    ...requestSchemas(all),
    ...withDiscriminators({ ...answers.components, ...payloads.components }, payloads.schemas),
  });
  const { operations, shared } = shareResponses(
    all.map((operation) => operationObject(operation, answers.schemas[operation.operationId] ?? {}, schemas)),
  );
  return {
    openapi: "3.1.1",
    info: INFO,
    servers: [server],
    security: [{ ClientId: [], ClientSecret: [] }],
    tags: tags(),
    paths: pathsOf(all, operations),
    webhooks: webhooksOf(payloads.schemas, schemas),
    components: {
      securitySchemes: SECURITY_SCHEMES,
      parameters: { "Idempotency-Key": IDEMPOTENCY_KEY, ...webhookHeaders },
      headers: HEADERS,
      schemas,
      responses: shared,
    },
  };
}

function tags() {
  const ofOperations = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
  return [
    ...ofOperations,
    { name: WEBHOOK_TAG, description: "What your server is sent, signed as in Standard Webhooks 1.0." },
  ];
}

/** `CreateIntentRequest` */
function requestName({ operationId }: Operation): string {
  return `${pascal(operationId)}Request`;
}

function requestSchemas(operations: readonly Operation[]): Components {
  return Object.fromEntries(
    operations.flatMap((operation) => {
      const { body, bodyExample, summary } = operation;
      if (!body) return [];
      const example = bodyExample ?? exampleOfFields(body);
      return [
        [
          requestName(operation),
          { ...jsonSchema(body), description: `${summary}: the body.`, examples: [example] },
        ],
      ];
    }),
  );
}

function exampleOfFields(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, { doc }]) => [name, doc?.example]));
}

/** So that generators tell payloads apart by their type. */
function withDiscriminators(
  components: Components,
  byType: Readonly<Record<string, JsonSchema>>,
): Components {
  const entries = Object.entries(components).map(([name, schema]) => {
    const { oneOf } = schema;
    if (!Array.isArray(oneOf)) return [name, schema] as const;
    const named = new Set(oneOf.map((option: JsonSchema) => option["$ref"]));
    const mapping = Object.entries(byType).flatMap(([type, { $ref }]) =>
      named.has($ref) ? [[type, $ref]] : [],
    );
    const discriminator = { propertyName: "event", mapping: Object.fromEntries(mapping) };
    return [name, { ...schema, discriminator }] as const;
  });
  return Object.fromEntries(entries);
}

function operationObject(operation: Operation, success: JsonSchema, components: Components) {
  const { operationId, tag, summary, description, permission, method, params = {}, query = {} } = operation;
  const parameters = [
    ...Object.entries(params).map(([name, doc]) => ({
      name,
      in: "path",
      required: true,
      description: doc.description,
      schema: { type: "string" },
      example: doc.example,
    })),
    ...Object.entries(query).map(([name, field]) => queryParameter(name, field)),
    ...(method === "POST" ? [{ $ref: "#/components/parameters/Idempotency-Key" }] : []),
  ];
  return {
    operationId,
    tags: [tag],
    summary,
    description: `${description}\n\nTakes the permission \`${permission}\`.`,
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(operation, components),
    responses: responsesOf(operation, success, components),
  };
}

function queryParameter(name: string, { kind, doc }: AnyField) {
  const { description, example } = doc ?? {};
  return { name, in: "query", description, schema: kind.schema, example };
}

function requestBody(operation: Operation, components: Components) {
  const { body } = operation;
  if (!body) return {};
  const name = requestName(operation);
  const [example] = (components[name]?.["examples"] ?? []) as readonly unknown[];
  return {
    requestBody: {
      required: Object.values(body).some(({ presence }) => presence === "required"),
      content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` }, example } },
    },
  };
}

function pathsOf(all: readonly Operation[], objects: readonly { readonly operationId: string }[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [index, { method, path }] of all.entries()) {
    const at = `${API_PREFIX}${path}`;
    paths[at] = { ...paths[at], [method.toLowerCase()]: objects[index] };
  }
  return paths;
}
