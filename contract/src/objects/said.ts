/** How the schemas of answers say what each field is for, and what it looks like. */
import { z } from "zod";
import { EXAMPLE } from "./examples.ts";

/** A schema with its description (Markdown) and an example. */
export function said<S extends z.ZodType>(schema: S, description: string, example: unknown): S {
  return schema.meta({ description, examples: [example] });
}

/** What `present` functions build: the schema's type, deeply read-only. */
export type Wire<S extends z.ZodType> = DeepReadonly<z.infer<S>>;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: DeepReadonly<T[Name]> }
    : T;

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

export function id(prefix: string, description: string, example: string) {
  return said(z.string().regex(new RegExp(`^${prefix}${uuid}$`)), description, example);
}

/** UTC with six decimals. */
export function instant(description: string, example: string = EXAMPLE.created) {
  return said(at(), description, example);
}

export function instantOrNull(description: string, example: string | null = null) {
  return said(at().nullable(), description, example);
}

function at() {
  return z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/)
    .meta({ format: "date-time" });
}

/** A decimal string in the currency's digits. */
export function money(description: string, example: string) {
  return said(z.string().regex(/^\d+(?:\.\d+)?$/), description, example);
}

export function currency() {
  return said(z.string().regex(/^[A-Z]{3}$/), "Code of ISO 4217.", "USD");
}

export function chargeId(description = "The charge. A whole number, unique on the platform.") {
  return said(z.int().min(1), description, EXAMPLE.charge);
}
