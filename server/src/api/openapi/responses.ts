/** What an operation can answer, by status: its success, and its errors with the very texts of answer.ts. */
import { type Errors, type Fields, type JsonSchema, validate } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import type { FailureKind } from "@mintro/contract/operations/failures";
import { failuresOf, type Operation } from "@mintro/contract/operations/operation";
import type { Components } from "@mintro/contract/operations/schemas";
import { failureAnswer } from "../answer.ts";
import { exampleOf } from "./examples.ts";
import { answersTo, TOLD } from "./failures.ts";

const ref = (kind: "headers" | "schemas", name: string) => ({ $ref: `#/components/${kind}/${name}` });
const header = (name: string) => ref("headers", name);

const REQUEST_ID = { "X-Request-ID": header("X-Request-ID") };
const RATE = {
  "X-RateLimit-Limit": header("X-RateLimit-Limit"),
  "X-RateLimit-Remaining": header("X-RateLimit-Remaining"),
  "X-RateLimit-Reset": header("X-RateLimit-Reset"),
};

export function responsesOf(operation: Operation, success: JsonSchema, components: Components) {
  const byStatus = new Map<number, FailureKind[]>();
  for (const kind of failuresOf(operation)) {
    const { status } = answersTo(kind)[0];
    byStatus.set(status, [...(byStatus.get(status) ?? []), kind]);
  }
  const errors = [...byStatus]
    .sort(([one], [other]) => one - other)
    .map(([status, kinds]) => [String(status), refused(operation, status, kinds)]);
  return { "200": succeeded(operation, success, components), ...Object.fromEntries(errors) };
}

function succeeded(operation: Operation, schema: JsonSchema, components: Components) {
  return {
    description: operation.shape === "page" ? "One page." : "Done.",
    headers: {
      ...REQUEST_ID,
      ...(operation.method === "POST" && { "Idempotency-Replayed": header("Idempotency-Replayed") }),
      ...RATE,
    },
    content: { "application/json": { schema, example: exampleOf(schema, components) } },
  };
}

function refused(operation: Operation, status: number, kinds: readonly FailureKind[]) {
  const schema = ref("schemas", status === 422 ? "ValidationError" : "Error");
  const examples = kinds.map((kind) => [kind, { summary: TOLD[kind].when, value: bodyOf(kind, operation) }]);
  const waits = status === 429 || status === 503;
  return {
    description: kinds.map((kind) => TOLD[kind].when).join(" Or: "),
    headers: {
      ...REQUEST_ID,
      ...(waits && { "Retry-After": header("Retry-After") }),
      ...(status === 429 && RATE),
    },
    content: { "application/json": { schema, examples: Object.fromEntries(examples) } },
  };
}

function bodyOf(kind: FailureKind, operation: Operation): unknown {
  if (kind !== "invalid") return JSON.parse(answersTo(kind, operation)[0].body);
  const { query, body } = operation;
  const errors = { ...sampleErrors(query, "?"), ...sampleErrors(body, { no: "value" }) };
  if (Object.keys(errors).length === 0) errors["note"] = [messages.format("note")]; // forbidden text, where no field is known
  return JSON.parse(failureAnswer({ kind: "invalid", errors }).body);
}

/** What the table itself says to an empty request; where nothing is required, to values that are wrong. */
function sampleErrors(fields: Fields | undefined, wrong: unknown): Errors {
  if (!fields) return {};
  const empty = validate(fields, {});
  if (!empty.ok) return first(empty.errors);
  const refusal = validate(fields, Object.fromEntries(Object.keys(fields).map((name) => [name, wrong])));
  return refusal.ok ? {} : first(refusal.errors);
}

function first(errors: Errors): Errors {
  return Object.fromEntries(Object.entries(errors).slice(0, 2));
}

/** Those whose examples are the operation's own stay with it. */
const OWN_STATUSES = new Set(["200", "403", "422"]);

/** Responses that several operations share become components; the operations refer to them. */
export function shareResponses<Op extends { readonly responses: Readonly<Record<string, object>> }>(
  operations: readonly Op[],
) {
  const uses = new Map<string, number>();
  for (const { responses } of operations) {
    for (const response of Object.values(responses)) {
      const text = JSON.stringify(response);
      uses.set(text, (uses.get(text) ?? 0) + 1);
    }
  }
  const shared = new Map<string, object>();
  const referring = operations.map((operation) => {
    const entries = Object.entries(operation.responses).map(([status, response]) => {
      const text = JSON.stringify(response);
      if (OWN_STATUSES.has(status) || (uses.get(text) ?? 0) < 2) return [status, response];
      const name = nameOf(response);
      if (JSON.stringify(shared.get(name) ?? response) !== text)
        throw new Error(`Two responses are called ${name}.`);
      shared.set(name, response);
      return [status, { $ref: `#/components/responses/${name}` }];
    });
    return { ...operation, responses: Object.fromEntries(entries) };
  });
  return { operations: referring, shared: Object.fromEntries(shared) };
}

/** `UnavailableOrKeyBusy` */
function nameOf(response: object): string {
  const { content } = response as { content: { "application/json": { examples?: object } } };
  return Object.keys(content["application/json"].examples ?? {})
    .map((kind) => pascal(kind))
    .join("Or");
}

export function pascal(snake: string): string {
  return snake.replaceAll(/(?:^|[_.])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
