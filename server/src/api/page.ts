/** Pages of a list: newest first, by a cursor that names the last row shown, so that rows added meanwhile shift nothing. */
import { type Cursor, writeCursor } from "@mintro/contract/cursor";
import { messages } from "@mintro/contract/laravel-texts";
import { REQUEST_LIMITS } from "@mintro/contract/vocabulary";
import { type Instant, instantFromMicros } from "../base/instant.ts";
import type { Page } from "../store/page.ts";
import { type Answer, failureAnswer } from "./answer.ts";

/** `data` are JSON texts. */
function pageBody(data: readonly string[], next: string | null): string {
  const pagination = JSON.stringify({ has_more: next !== null, next_cursor: next });
  return `{"success":true,"data":[${data.join(",")}],"pagination":${pagination}}`;
}

/** Answers one page of a list. `place` is what the list is ordered by, the id as the wire shows it. */
export async function answerPage<Row, Id extends string>(
  given: { readonly limit: number | null; readonly cursor: Cursor | null },
  list: {
    readonly parseId: (text: string) => Id | undefined;
    readonly find: (page: Page<Id>) => Promise<readonly Row[]>;
    readonly place: (row: Row) => { readonly at: Instant; readonly id: string };
    readonly present: (row: Row) => string;
  },
): Promise<Answer> {
  const limit = given.limit ?? REQUEST_LIMITS.pageRowsByDefault;
  const id = given.cursor === null ? null : list.parseId(given.cursor.id);
  if (id === undefined)
    return failureAnswer({ kind: "invalid", errors: { cursor: [messages.in("cursor")] } });
  const after = given.cursor && id ? { at: instantFromMicros(given.cursor.at), id } : null;
  const found = await list.find({ after, most: limit + 1 }); // one more than is shown tells whether there are more
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    status: 200,
    body: pageBody(shown.map(list.present), last ? writeCursor(list.place(last)) : null),
  };
}
