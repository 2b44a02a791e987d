/** Cursors of lists: the last row shown, by the moment and the id that the list is ordered by. Opaque to those who hand them back. */
import { readInstant, writeInstant } from "./instant.ts";

/** `at` in microseconds since 1970, `id` as the wire shows it. */
export type Cursor = { readonly at: bigint; readonly id: string };

export function writeCursor({ at, id }: Cursor): string {
  return Buffer.from(`${writeInstant(at)} ${id}`).toString("base64url");
}

/** Undefined for anything that `writeCursor` did not write. */
export function readCursor(text: string): Cursor | undefined {
  const [time = "", id = "", ...more] = Buffer.from(text, "base64url").toString("utf8").split(" ");
  const at = readInstant(time);
  return at === undefined || id === "" || more.length > 0 ? undefined : { at, id };
}
