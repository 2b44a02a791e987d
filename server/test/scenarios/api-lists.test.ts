/** Lists page by page, newest first, by a cursor: nothing is skipped or shown twice, whatever is added meanwhile. */
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { pay, startPlatform, subscribe, type TestPlatform } from "../support/platform.ts";

const SUBSCRIPTIONS = 25;

let platform: TestPlatform;
/** Oldest first. */
const ids: string[] = [];
beforeAll(async () => {
  platform = await startPlatform();
  for (let count = 0; count < SUBSCRIPTIONS; count++) ids.push((await subscribe(platform)).subscriptionId);
});

const list = (query = "") => platform.merchant.get(`/subscriptions${query}`);
const idsOf = (data: { subscription_id: string }[]) => data.map((row) => row.subscription_id);

/** Follows the cursor to the end; `between` happens after each page. */
async function walk(query: string, between: () => Promise<unknown> = async () => {}): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor = ""; pages.length < 100; ) {
    const reply = await list(`?${query}${cursor && `&cursor=${cursor}`}`);
    expect(reply.status, reply.text).toBe(200);
    expect(Object.keys(reply.body)).toEqual(["success", "data", "pagination"]);
    const { has_more, next_cursor } = reply.body.pagination;
    expect(Object.keys(reply.body.pagination)).toEqual(["has_more", "next_cursor"]);
    pages.push(idsOf(reply.body.data));
    if (!has_more) {
      expect(next_cursor).toBeNull();
      return pages;
    }
    expect(next_cursor).toMatch(/^[\w-]+$/);
    cursor = next_cursor;
    await between();
  }
  throw new Error("The list has no end.");
}

describe("GET /subscriptions", () => {
  it("shows 20 at a time, the newest first, as they look one by one", async () => {
    const reply = await list();
    expect(reply.body.success).toBe(true);
    expect(idsOf(reply.body.data)).toEqual(ids.toReversed().slice(0, 20));
    expect(reply.body.pagination.has_more).toBe(true);
    const alone = await platform.merchant.get(`/subscriptions/${ids.at(-1)}`);
    expect(reply.body.data[0]).toEqual(alone.body.data);
  });

  it.each([1, 7, 24, 25, 26, 100])("comes to the same in pages of %i", async (limit) => {
    const pages = await walk(`limit=${limit}`);
    expect(pages.flat()).toEqual(ids.toReversed());
    expect(pages.map((page) => page.length)).toEqual(
      Array.from({ length: Math.ceil(SUBSCRIPTIONS / limit) }, (_, at) =>
        Math.min(limit, SUBSCRIPTIONS - at * limit),
      ),
    );
  });

  it("neither skips nor repeats while others are added", async () => {
    const before = ids.toReversed();
    const pages = await walk("limit=6", async () => ids.push((await subscribe(platform)).subscriptionId));
    expect(pages.flat()).toEqual(before);
    expect((await walk("limit=6")).flat()).toEqual(ids.toReversed());
  });

  it("tells apart those that began at the same microsecond", async () => {
    const merchant = await newMerchant(platform);
    const made: string[] = [];
    for (let count = 0; count < 5; count++) {
      const { intent_id, payment_url } = await merchant.createIntent({
        intent_type: "recurring",
        interval_days: 1,
      });
      await pay(payment_url);
      made.push((await merchant.intent(intent_id)).subscription_id);
    }
    const database = new pg.Client({ connectionString: platform.databaseUrl });
    await database.connect();
    await database.query(
      "update subscriptions set created_at = '2026-01-01 00:00:00.123456Z' where subscription_id = any($1)",
      [made.map((id) => id.slice(4))],
    );
    await database.end();
    const seen: string[] = [];
    for (let cursor = ""; cursor !== null; ) {
      const { body } = await merchant.get(`/subscriptions?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsOf(body.data));
      cursor = body.pagination.next_cursor;
    }
    expect(seen.toSorted()).toEqual(made.toSorted());
  });

  it("of a merchant without any is empty", async () => {
    const merchant = await newMerchant(platform);
    const reply = await merchant.get("/subscriptions");
    expect(reply.status).toBe(200);
    expect(reply.text).toBe('{"success":true,"data":[],"pagination":{"has_more":false,"next_cursor":null}}');
  });

  it("can be narrowed to one status", async () => {
    const [gone] = ids;
    await platform.merchant.post(`/subscriptions/${gone}/cancel`);
    expect((await walk("status=cancelled")).flat()).toEqual([gone]);
    expect((await walk("status=active&limit=10")).flat()).toEqual(ids.slice(1).toReversed());
    expect((await walk("status=past_due")).flat()).toEqual([]);
  });

  it("takes a limit from 1 to 100, blank for 20, and knows nothing of other parameters", async () => {
    for (const [query, shown] of [
      ["?limit=1", 1],
      ["?limit=100", ids.length],
      ["?limit=", 20],
      ["?cursor=", 20],
      ["?limit=%205%20", 5],
      ["?page=7&offset=3", 20],
    ] as const) {
      expect((await list(query)).body.data, query).toHaveLength(shown);
    }
  });

  it.each([
    ["limit=0", { limit: ["The limit must be at least 1."] }],
    ["limit=-5", { limit: ["The limit must be at least 1."] }],
    ["limit=101", { limit: ["The limit must not be greater than 100."] }],
    ["limit=ten", { limit: ["The limit must be an integer."] }],
    ["limit=1.5", { limit: ["The limit must be an integer."] }],
    ["limit=5&limit=6", { limit: ["The limit must be an integer."] }],
    ["status=paused", { status: ["The selected status is invalid."] }],
    ["status=canceled", { status: ["The selected status is invalid."] }],
    ["cursor=x", { cursor: ["The selected cursor is invalid."] }],
    ["cursor=%00", { cursor: ["The cursor format is invalid."] }],
    [
      "limit=0&status=x&cursor=!",
      {
        status: ["The selected status is invalid."],
        limit: ["The limit must be at least 1."],
        cursor: ["The selected cursor is invalid."],
      },
    ],
  ])("?%s is answered 422 in Laravel's words", async (query, errors) => {
    const reply = await list(`?${query}`);
    expect(reply.status).toBe(422);
    expect(reply.body).toEqual({ message: "The given data was invalid.", errors });
  });

  it("refuses a cursor that it did not give out, whatever it says", async () => {
    const { next_cursor } = (await list("?limit=1")).body.pagination;
    const [time, id] = Buffer.from(next_cursor, "base64url").toString().split(" ");
    const { intent_id } = await platform.merchant.createIntent();
    for (const said of [
      `${time}`,
      `${time} `,
      `${time} ${intent_id}`,
      `${time} sub_1`,
      `${time} ${id} ${id}`,
      `yesterday ${id}`,
      `2026-13-45T00:00:00.000000Z ${id}`,
      `0000-01-01T00:00:00.000000Z ${id}`,
      `0001-01-01T00:00:00.000000+14:00 ${id}`,
      `'; drop table subscriptions; -- ${id}`,
      `${time}\0 ${id}`,
    ]) {
      const reply = await list(`?cursor=${Buffer.from(said).toString("base64url")}`);
      expect(reply.status, said).toBe(422);
      expect(reply.body.errors, said).toEqual({ cursor: ["The selected cursor is invalid."] });
    }
    expect((await list(`?cursor=${next_cursor}`)).status).toBe(200);
  });

  it("of one account says nothing of another's, though it brings the other's cursor", async () => {
    const merchant = await newMerchant(platform);
    const { next_cursor } = (await list("?limit=1")).body.pagination;
    const reply = await merchant.get(`/subscriptions?cursor=${next_cursor}`);
    expect(reply.status).toBe(200);
    expect(reply.body.data).toEqual([]);
  });
});
