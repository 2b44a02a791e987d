/** Customers: one per customer_ref_id, else one per e-mail address, found by either id and in a list. */
import { beforeAll, describe, expect, it } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { walk } from "../support/pages.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("a customer", () => {
  it("is found by its id, with or without the prefix, as the newest intent knows it", async () => {
    const merchant = await newMerchant(platform);
    const { intent_id } = await merchant.createIntent({ email: "Ann@Example.com", name: "Ann" });
    await merchant.createIntent({ email: "ann@example.com", name: "Ann Other" });
    const { customer } = await merchant.intent(intent_id);
    const found = await merchant.get(`/customers/${customer.customer_id}`);
    expect(found.body).toEqual({
      success: true,
      data: {
        customer_id: customer.customer_id,
        customer_ref_id: null,
        email: "ann@example.com",
        name: "Ann Other",
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      },
    });
    expect((await merchant.get(`/customers/${customer.customer_id.slice(4)}`)).text).toBe(found.text);
    expect((await merchant.get("/customers")).body.data).toEqual([found.body.data]);
  });

  it.each(["CUST-001", "a/b c", "ümlaut?&#", "email:x@example.com", "漢".repeat(100)])(
    "is found by the merchant's own id %j",
    async (reference) => {
      const merchant = await newMerchant(platform);
      await merchant.createIntent({ customer_ref_id: reference, email: "one@example.com" });
      await merchant.createIntent({ customer_ref_id: reference, email: "two@example.com" });
      await merchant.createIntent({ email: "two@example.com" });
      const found = await merchant.get(`/customers/reference/${encodeURIComponent(reference)}`);
      expect(found.status, found.text).toBe(200);
      expect(found.body.data).toMatchObject({ customer_ref_id: reference, email: "two@example.com" });
      expect((await merchant.get("/customers")).body.data).toHaveLength(2);
    },
  );

  it("is one, though intents for it are created at the same moment", async () => {
    const merchant = await newMerchant(platform);
    await Promise.all(Array.from({ length: 20 }, () => merchant.createIntent({ customer_ref_id: "same" })));
    expect((await merchant.get("/customers")).body.data).toHaveLength(1);
  });

  it("that nobody has is 404, and so is another account's", async () => {
    const [merchant, other] = [await newMerchant(platform), await newMerchant(platform)];
    const { intent_id } = await merchant.createIntent({ customer_ref_id: "ours" });
    const { customer_id } = (await merchant.intent(intent_id)).customer;
    for (const path of [
      "/customers/x",
      "/customers/cus_00000000-0000-7000-8000-000000000000",
      "/customers/reference/nobody",
      "/customers/reference/%00",
      "/customers/reference/%20",
    ]) {
      expect((await merchant.get(path)).body, path).toEqual({
        success: false,
        message: "No such customer.",
        data: [],
      });
    }
    expect((await other.get(`/customers/${customer_id}`)).status).toBe(404);
    expect((await other.get("/customers/reference/ours")).status).toBe(404);
    expect((await other.get("/customers")).body.data).toEqual([]);
  });
});

it("GET /customers shows the newest first, page by page, while others are added", async () => {
  const merchant = await newMerchant(platform);
  const add = (name: string) => merchant.createIntent({ customer_ref_id: name });
  for (let count = 0; count < 7; count++) await add(`c${count}`);
  let more = 0;
  const pages = await walk(merchant, "/customers?limit=3", () => add(`later${more++}`));
  expect(pages.map((page) => page.map((row) => row.customer_ref_id))).toEqual([
    ["c6", "c5", "c4"],
    ["c3", "c2", "c1"],
    ["c0"],
  ]);
  const refused = await merchant.get("/customers?limit=0&cursor=x");
  expect(refused.status).toBe(422);
  expect(Object.keys(refused.body.errors)).toEqual(["limit", "cursor"]);
});
