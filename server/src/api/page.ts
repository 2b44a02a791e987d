/** Pages of a list: newest first, by a cursor that names the last row shown, so that rows added meanwhile shift nothing. */
import { integer, parsed } from "@mintro/contract/laravel-kinds";
import { optional } from "@mintro/contract/laravel-rules";
import { messages } from "@mintro/contract/laravel-texts";
import { formatInstant, type Instant, parseInstant } from "../base/instant.ts";
import type { Page } from "../store/page.ts";
import { type Answer, failureAnswer } from "./answer.ts";

type Cursor = { readonly at: Instant; readonly id: string };

export function cursorAfter({ at, id }: Cursor): string {
  return Buffer.from(`${formatInstant(at)} ${id}`).toString("base64url");
}

/** Undefined for anything that `cursorAfter` did not write. */
export function readCursor(text: string): Cursor | undefined {
  const [time = "", id = "", ...more] = Buffer.from(text, "base64url").toString("utf8").split(" ");
  const at = parseInstant(time);
  return at === undefined || id === "" || more.length > 0 ? undefined : { at, id };
}

const DEFAULT_LIMIT = 20;

/** The query parameters that every list takes, after its own. */
export const pageFields = {
  limit: optional(integer({ min: 1, max: 100 })),
  cursor: optional(parsed({ parse: readCursor, wrong: messages.in, schema: { type: "string" } })),
};

/** `data` are JSON texts. */
export function pageBody(data: readonly string[], next: string | null): string {
  const pagination = JSON.stringify({ has_more: next !== null, next_cursor: next });
  return `{"success":true,"data":[${data.join(",")}],"pagination":${pagination}}`;
}

/** Answers one page of a list. `place` is what the list is ordered by, the id as the wire shows it. */
export async function answerPage<Row, Id extends string>(
  given: { readonly limit: number | null; readonly cursor: Cursor | null },
  list: {
    readonly parseId: (text: string) => Id | undefined;
    readonly find: (page: Page<Id>) => Promise<readonly Row[]>;
    readonly place: (row: Row) => Cursor;
    readonly present: (row: Row) => string;
  },
): Promise<Answer> {
  const limit = given.limit ?? DEFAULT_LIMIT;
  const id = given.cursor === null ? null : list.parseId(given.cursor.id);
  if (id === undefined)
    return failureAnswer({ kind: "invalid", errors: { cursor: [messages.in("cursor")] } });
  const after = given.cursor && id ? { at: given.cursor.at, id } : null;
  const found = await list.find({ after, most: limit + 1 }); // one more than is shown tells whether there are more
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    status: 200,
    body: pageBody(shown.map(list.present), last ? cursorAfter(list.place(last)) : null),
  };
}
