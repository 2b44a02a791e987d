/** Pages of a list: newest first, by a cursor that names the last row shown, so that rows added meanwhile shift nothing. */
import { formatInstant, type Instant, parseInstant } from "../base/instant.ts";

export type Cursor = { readonly at: Instant; readonly id: string };

export function cursorAfter(at: Instant, id: string): string {
  return Buffer.from(`${formatInstant(at)} ${id}`).toString("base64url");
}

/** Undefined for anything that `cursorAfter` did not write. */
export function readCursor(text: string): Cursor | undefined {
  const [time = "", id = "", ...more] = Buffer.from(text, "base64url").toString("utf8").split(" ");
  const at = parseInstant(time);
  return at === undefined || id === "" || more.length > 0 ? undefined : { at, id };
}

/** `data` are JSON texts. */
export function pageBody(data: readonly string[], next: string | null): string {
  const pagination = JSON.stringify({ has_more: next !== null, next_cursor: next });
  return `{"success":true,"data":[${data.join(",")}],"pagination":${pagination}}`;
}
