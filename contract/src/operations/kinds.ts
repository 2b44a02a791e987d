/** Kinds of values that several operations take. */
import { type Cursor, readCursor } from "../cursor.ts";
import { readId } from "../ids.ts";
import { readInstant } from "../instant.ts";
import { integer, parsed } from "../laravel-kinds.ts";
import { type Kind, optional } from "../laravel-rules.ts";
import { messages } from "../laravel-texts.ts";
import { REQUEST_LIMITS } from "../vocabulary.ts";

/** ISO 8601 with its zone; yields microseconds since 1970. */
export const instant: Kind<bigint> = parsed({
  parse: readInstant,
  wrong: messages.date,
  schema: { type: "string", format: "date-time" },
});

/** An id with or without its prefix; yields the bare UUID. */
export function idOf(prefix: string): Kind<string> {
  return parsed({
    parse: (text) => readId(prefix, text),
    wrong: messages.in,
    schema: { type: "string", pattern: idPattern(prefix) },
  });
}

function idPattern(prefix: string): string {
  return `^(?:${prefix})?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`;
}

const cursor: Kind<Cursor> = parsed({ parse: readCursor, wrong: messages.in, schema: { type: "string" } });

/** The query parameters that every list takes, after its own. */
export const pageFields = {
  limit: optional(integer({ min: 1, max: REQUEST_LIMITS.pageRows }), {
    description: `How many rows the page has at most. ${REQUEST_LIMITS.pageRowsByDefault} if absent.`,
    example: 20,
  }),
  cursor: optional(cursor, {
    description: "The `next_cursor` of the page before. Without it, the first page.",
    example: "MjAyNi0xMS0yM1QwMzozOToyNC42MTE2ODJaIHBpXzAxYTIwNjdjLWIwNDMtNzVmNy04OTFhLTQwMGJjNTA4MjM0Yg",
  }),
};
