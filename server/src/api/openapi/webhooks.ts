/** The webhooks that a receiver gets, as the document's `webhooks` section: payloads and Standard Webhooks headers. */
import type { JsonSchema } from "@mintro/contract/laravel-rules";
import { EXAMPLE } from "@mintro/contract/objects/examples";
import type { PAYLOADS } from "@mintro/contract/objects/payload";
import type { Components } from "@mintro/contract/operations/schemas";
import { exampleOf, resolved } from "./examples.ts";
import { pascal } from "./responses.ts";

export const WEBHOOK_TAG = "Webhooks";

const HEADERS = [
  {
    name: "webhook-id",
    description: "The event's id, the same on every try. Take each id once.",
    schema: { type: "string" },
    example: EXAMPLE.event,
  },
  {
    name: "webhook-timestamp",
    description: "When this try was made, in seconds since 1970. Refuse what is older than five minutes.",
    schema: { type: "string", pattern: "^\\d+$" },
    example: "1795405164",
  },
  {
    name: "webhook-signature",
    description:
      "`v1,` and the base64 of the HMAC-SHA256 of `webhook-id`, `webhook-timestamp` and the raw body, joined by dots, under the base64-decoded part of the secret. While a secret rotates there are two, with a blank between.",
    schema: { type: "string" },
    example: "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
  },
];

export const webhookHeaders = Object.fromEntries(
  HEADERS.map((header) => [header.name, { ...header, in: "header", required: true }]),
);

/** `schemas` are references to the payloads' components, by event type. */
export function webhooksOf(
  schemas: Readonly<Record<keyof typeof PAYLOADS, JsonSchema>>,
  components: Components,
) {
  return Object.fromEntries(
    Object.entries(schemas).map(([type, schema]) => [type, { post: webhook(type, schema, components) }]),
  );
}

function webhook(type: string, schema: JsonSchema, components: Components) {
  return {
    operationId: `on${pascal(type)}`,
    tags: [WEBHOOK_TAG],
    summary: type,
    description: resolved(schema, components)["description"],
    security: [],
    parameters: HEADERS.map(({ name }) => ({ $ref: `#/components/parameters/${name}` })),
    requestBody: {
      description: "JSON. Verify the signature over the bytes as they came.",
      required: true,
      content: { "application/json": { schema, example: exampleOf(schema, components) } },
    },
    responses: {
      "2XX": { description: "Taken, within 15 seconds. What the body says does not matter." },
      "410": { description: "The endpoint wants no more: it is disabled." },
      default: {
        description:
          "Not taken. It is sent again after 5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours, each after the one before. `Retry-After` is honoured. Redirects are not followed.",
      },
    },
  };
}
