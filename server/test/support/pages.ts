/** Walks a list of the API page by page, as a merchant's program does, and checks the envelope of each page. */
import { expect } from "vitest";
import type { Json, Merchant } from "./platform.ts";

/** All pages of `path`, whose query may be given; `between` happens after each page. */
export async function walk(
  merchant: Merchant,
  path: string,
  between: () => Promise<unknown> = async () => {},
): Promise<Json[][]> {
  const pages: Json[][] = [];
  const joint = path.includes("?") ? "&" : "?";
  for (let cursor = ""; pages.length < 100; ) {
    const reply = await merchant.get(`${path}${cursor && `${joint}cursor=${cursor}`}`);
    expect(reply.status, reply.text).toBe(200);
    expect(Object.keys(reply.body)).toEqual(["success", "data", "pagination"]);
    const { has_more, next_cursor } = reply.body.pagination;
    pages.push(reply.body.data);
    expect(next_cursor === null).toBe(!has_more);
    if (!has_more) return pages;
    cursor = next_cursor;
    await between();
  }
  throw new Error("The list has no end.");
}
