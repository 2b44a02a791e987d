import { readFile } from "node:fs/promises";
import { decimalOf } from "@mintro/contract/decimal";
import { validate } from "@mintro/contract/laravel-rules";
import { OPERATIONS } from "@mintro/contract/operations/all";
import { FAILURES } from "@mintro/contract/operations/failures";
import { failuresOf, type Operation } from "@mintro/contract/operations/operation";
import { describe, expect, test } from "vitest";
import { generatedFiles, lintProblems } from "./dump-openapi.ts";

// The reference is whole: whoever reads a field finds what it is for and what it looks like.

type Node = { readonly [key: string]: unknown };
type Schema = Node & { readonly properties?: Readonly<Record<string, Schema>> };

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;
const [openapi] = generatedFiles();
const document = JSON.parse(openapi?.text ?? "") as Node & {
  readonly components: { readonly [kind: string]: Readonly<Record<string, Schema>> };
};
const operations: readonly Operation[] = Object.values(OPERATIONS);

/** Every object of the document, with the way to it. */
function* nodes(value: unknown, at = "#"): Iterable<readonly [string, Node]> {
  if (!isNode(value)) return;
  yield [at, value];
  for (const [key, inner] of Object.entries(value)) yield* nodes(inner, `${at}/${key}`);
}

/** Examples are data, and no part of the document's own structure. */
const inExample = /\/(?:examples?|value)(?:\/|$)/;
const structure = [...nodes(document)].filter(([at]) => !inExample.test(at));

function named(ref: unknown): Schema | undefined {
  const [, , kind = "", name = ""] = String(ref).split("/");
  return document.components[kind]?.[name];
}

describe("the OpenAPI document", () => {
  test("is what is committed, and so is the guide to errors", async () => {
    for (const { path, text } of generatedFiles())
      expect(await readFile(new URL(`../${path}`, import.meta.url), "utf8"), path).toBe(text);
  });

  test("passes Redocly's recommended rules without an error or a warning, and each example its schema", async () => {
    expect(await lintProblems("docs/openapi.json")).toEqual([]);
  });

  test("says of every field what it is for, with an example", () => {
    let fields = 0;
    for (const [at, node] of structure) {
      const { properties } = node as Schema;
      if (!isNode(properties)) continue;
      for (const [name, field] of Object.entries(properties)) {
        fields += 1;
        const told = named(field["$ref"]) ?? field;
        expect(told["description"], `${at}/${name}`).toEqual(expect.stringMatching(/\S/));
        if (at.startsWith("#/components/")) expect(told["examples"], `${at}/${name}`).toHaveLength(1);
      }
    }
    expect(fields).toBeGreaterThan(250);
  });

  test("says of every parameter and header what it is for, with an example", () => {
    let seen = 0;
    for (const [at, node] of structure) {
      const isHeader = /\/components\/headers\/[^/]+$/.test(at);
      if (!isHeader && !("in" in node && "schema" in node)) continue;
      seen += 1;
      expect(node["description"], at).toEqual(expect.stringMatching(/\S/));
      expect(node["example"], at).toBeDefined();
    }
    expect(seen).toBeGreaterThan(40);
  });

  test("shows a body for every answer of every operation, with the text of each error", () => {
    for (const [at, node] of structure) {
      if (!/^#\/paths\/[^#]*\/responses\/\d+$/.test(at)) continue;
      const { content } = (named(node["$ref"]) ?? node) as { content?: Record<string, Node> };
      const { example, examples } = content?.["application/json"] ?? {};
      expect(example ?? examples, at).toBeDefined();
    }
  });

  test("asks for both headers of a client, everywhere but in webhooks", () => {
    expect(document["security"]).toEqual([{ ClientId: [], ClientSecret: [] }]);
    for (const [at, node] of structure)
      if (at !== "#" && "security" in node) expect(at).toMatch(/^#\/webhooks\//);
  });
});

describe("the table of operations", () => {
  test("gives each operation the id that it stands under, and an address of its own", () => {
    for (const [name, { operationId }] of Object.entries(OPERATIONS)) expect(operationId).toBe(name);
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length);
  });

  test("has examples that pass the very rules that check requests", () => {
    for (const { operationId, body, bodyExample, query } of operations) {
      for (const fields of [body, query]) {
        if (!fields) continue;
        const all = Object.fromEntries(Object.entries(fields).map(([name, { doc }]) => [name, doc?.example]));
        const example = fields === body ? (bodyExample ?? all) : all;
        expect(validate(fields, example), operationId).toMatchObject({ ok: true });
        expect(validate(fields, all), operationId).toMatchObject({ ok: true });
      }
    }
  });

  test("names the parameters of each path", () => {
    for (const { path, params = {} } of operations)
      expect(Object.keys(params), path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  });

  test("has an operation for each failure but those of no operation", () => {
    const told = new Set(operations.flatMap(failuresOf));
    expect(Object.keys(FAILURES).filter((kind) => !told.has(kind as keyof typeof FAILURES))).toEqual([
      "unknown_route",
      "method_not_allowed",
      "processor_unavailable",
    ]);
  });

  test("takes every amount that the schema takes", () => {
    const { anyOf } = document.components["schemas"]?.["CreateIntentRequest"]?.properties?.["amount"] ?? {};
    const [, { pattern } = { pattern: "" }] = anyOf as { pattern: string }[];
    for (const text of [
      "80",
      "80.00",
      "+1",
      ".5",
      "5.",
      "1e3",
      "",
      "1,000",
      "0x1f",
      "Infinity",
      "--1",
      "1 000",
    ])
      expect(new RegExp(pattern).test(text), text).toBe(decimalOf(text) !== undefined);
  });
});
