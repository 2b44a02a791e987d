/** GET /intents: filters, pages, and rows that look as each intent does by itself, but for its charges. */
import { beforeAll, describe, expect, it } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { walk } from "../support/pages.ts";
import {
  type Json,
  type Merchant,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

const idsOf = (rows: readonly Json[]): string[] => rows.map((row) => row.intent_id);

async function create(
  merchant: Merchant,
  count: number,
  change: Record<string, unknown> = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made++) ids.push((await merchant.createIntent(change)).intent_id);
  return ids;
}

describe("GET /intents", () => {
  it("shows the newest first, with all that each shows by itself but its charges", async () => {
    const merchant = await newMerchant(platform);
    const [first = ""] = await create(merchant, 1, {
      customer_ref_id: "CUST-1",
      tax: 3,
      metadata: { a: 1.5 },
    });
    const { intentId } = await subscribe({ merchant });
    const { data } = (await merchant.get("/intents")).body;
    expect(idsOf(data)).toEqual([intentId, first]);
    for (const row of data) {
      const { charges, ...alone } = await merchant.intent(row.intent_id);
      expect(row).toEqual(alone);
      expect(charges).toHaveLength(row.status === "succeeded" ? 1 : 0);
    }
    expect(data[0].subscription_id).toMatch(/^sub_/);
  });

  it.each([1, 4, 9, 10, 100])("comes to the same in pages of %i", async (limit) => {
    const merchant = await newMerchant(platform);
    const ids = await create(merchant, 10);
    expect(idsOf((await walk(merchant, `/intents?limit=${limit}`)).flat())).toEqual(ids.toReversed());
  });

  it("neither skips nor repeats while others are added, also of one moment", async () => {
    const merchant = await newMerchant(platform);
    const together = await Promise.all(Array.from({ length: 12 }, () => merchant.createIntent()));
    const pages = await walk(merchant, "/intents?limit=5", () => create(merchant, 3));
    expect(idsOf(pages.flat()).toSorted()).toEqual(idsOf(together).toSorted());
  });

  it("can be narrowed by status, customer and time, and by all of them at once", async () => {
    const merchant = await newMerchant(platform);
    const [ours = "", cancelled = ""] = await create(merchant, 2, { customer_ref_id: "ümlaut & co/1" });
    const [theirs = ""] = await create(merchant, 1, { customer_ref_id: "other" });
    const paid = await merchant.createIntent();
    await pay(paid.payment_url);
    await merchant.post(`/intents/${cancelled}/cancel`);
    const list = async (query: Record<string, string>) =>
      idsOf((await merchant.get(`/intents?${new URLSearchParams(query).toString()}`)).body.data);
    expect(await list({ status: "succeeded" })).toEqual([paid.intent_id]);
    expect(await list({ status: "requires_payment" })).toEqual([theirs, ours]);
    expect(await list({ customer_ref_id: "ümlaut & co/1" })).toEqual([cancelled, ours]);
    expect(await list({ customer_ref_id: "nobody" })).toEqual([]);
    const { created_at: from } = await merchant.intent(cancelled);
    const { created_at: to } = await merchant.intent(paid.intent_id);
    expect(await list({ created_from: from, created_to: to })).toEqual([theirs, cancelled]);
    expect(await list({ created_from: to })).toEqual([paid.intent_id]);
    expect(await list({ created_to: from })).toEqual([ours]);
    expect(await list({ created_to: "0001-01-01T12:34:56.789012Z" })).toEqual([]);
    expect(await list({ created_from: "1969-12-31T23:59:59.999999Z", created_to: from })).toEqual([ours]);
    const all = { status: "cancelled", customer_ref_id: "ümlaut & co/1", created_from: from, created_to: to };
    expect(await list(all)).toEqual([cancelled]);
  });

  it("counts as expired what is out of time, before and after that is written", async () => {
    const merchant = await newMerchant(platform);
    const [id] = await create(merchant, 1);
    await merchant.advance({ seconds: 86_400 - 5 });
    expect(idsOf((await merchant.get("/intents?status=expired")).body.data)).toEqual([]);
    await merchant.advance({ seconds: 10, skip: true });
    const { data } = (await merchant.get("/intents?status=expired")).body;
    expect(idsOf(data)).toEqual([id]);
    expect(data[0].status).toBe("expired");
    expect((await merchant.get("/intents?status=requires_payment")).body.data).toEqual([]);
  });

  it.each([
    ["status=paid", { status: ["The selected status is invalid."] }],
    ["created_from=yesterday", { created_from: ["The created from is not a valid date."] }],
    ["created_to=2026-01-01", { created_to: ["The created to is not a valid date."] }],
    [
      "created_from=2026-02-30T00:00:00Z&created_to=2026-04-31T00:00:00Z",
      {
        created_from: ["The created from is not a valid date."],
        created_to: ["The created to is not a valid date."],
      },
    ],
    [
      `customer_ref_id=${"x".repeat(101)}`,
      { customer_ref_id: ["The customer ref id must not be greater than 100 characters."] },
    ],
    ["customer_ref_id=%00", { customer_ref_id: ["The customer ref id format is invalid."] }],
    [
      "limit=101&cursor=x",
      { limit: ["The limit must not be greater than 100."], cursor: ["The selected cursor is invalid."] },
    ],
  ])("?%s is answered 422", async (query, errors) => {
    const reply = await platform.merchant.get(`/intents?${query}`);
    expect(reply.status).toBe(422);
    expect(reply.body.errors).toEqual(errors);
  });

  it("shows nothing of another account, nor takes a cursor of another list", async () => {
    const merchant = await newMerchant(platform);
    await create(platform.merchant, 2);
    expect((await merchant.get("/intents")).body.data).toEqual([]);
    const { next_cursor } = (await platform.merchant.get("/intents?limit=1")).body.pagination;
    expect((await merchant.get(`/intents?cursor=${next_cursor}`)).body.data).toEqual([]);
    expect((await merchant.get(`/subscriptions?cursor=${next_cursor}`)).status).toBe(422);
  });
});
