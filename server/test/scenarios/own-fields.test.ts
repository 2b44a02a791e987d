/** The platform with a processor that is shaped otherwise than the sandbox: see support/fields-processor.ts. */
import type { CheckoutView } from "@mintro/contract/checkout";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AttemptKey, parseRefundId } from "../../src/domain/ids.ts";
import type { NotificationCall, SentAttempt } from "../../src/processors/processor.ts";
import type { FieldsKind } from "../support/fields-books.ts";
import { type FieldsProcessor, openFieldsProcessor } from "../support/fields-processor.ts";
import {
  checkoutState,
  eventually,
  type Reply,
  startPlatform,
  type TestPlatform,
  tryToPay,
} from "../support/platform.ts";

const MINUTE = 60;
const DAY = 86_400;

let fields: FieldsProcessor;
let platform: TestPlatform;
beforeAll(async () => {
  fields = await openFieldsProcessor();
  platform = await startPlatform({ processors: [fields] });
});
afterAll(() => fields.close());

function newToken(kind: FieldsKind): string {
  return fields.newToken(platform.running.accountId, kind);
}

async function post(url: string, body: unknown): Promise<Reply> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text), headers: response.headers };
}

/** As the page does with what the fields gave it. */
async function payWith(kind: FieldsKind, change: Record<string, unknown> = {}) {
  const created = await platform.merchant.createIntent(change);
  const reply = await post(`${created.payment_url}/pay`, { token: newToken(kind) });
  expect(reply.status, reply.text).toBe(200);
  const intent = await platform.merchant.intent(created.intent_id);
  return { ...created, view: reply.body.data as CheckoutView, intent };
}

function lastCharge(): AttemptKey {
  const call = fields.calls.findLast(({ call }) => call === "charge");
  if (!call) throw new Error("Something was charged.");
  return call.attemptKey;
}

async function notify(call: NotificationCall, address = `/${call.accountId}`): Promise<number> {
  const response = await fetch(`${platform.url}/processors/fields/notifications${address}`, {
    method: "POST",
    headers: { ...call.headers, "content-type": "application/json" },
    body: new Uint8Array(call.body),
  });
  return response.status;
}

async function eventsOf(intentId: string): Promise<string[]> {
  const { body } = await platform.merchant.get("/events?limit=100");
  return body.data
    .filter(({ payload }: { payload: { intent_id: string } }) => payload.intent_id === intentId)
    .map(({ event }: { event: string }) => event)
    .reverse();
}

describe("a card in the processor's own fields", () => {
  test("pays with the token that they give, and is shown without a number", async () => {
    const { intent, view } = await payWith("succeeds");
    expect(intent).toMatchObject({ status: "succeeded" });
    const card = { brand: "visa", last4: "1111", exp_month: 3, exp_year: 2041 };
    expect(intent.charges).toMatchObject([{ status: "succeeded", card, wallet: null }]);
    expect(view).toMatchObject({ status: "succeeded", card: { brand: "visa", last4: "1111" } });
  });

  test("has its module, its frames and its calls let in by the page's policy, and nothing else", async () => {
    const { payment_url } = await platform.merchant.createIntent();
    const page = await fetch(payment_url);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain(`script-src 'self' ${fields.origin};`);
    expect(policy).toContain(`frame-src ${fields.origin};`);
    expect(policy).toContain("connect-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(await checkoutState(payment_url)).toMatchObject({ collection: "own_fields" });
    const { status, body } = await post(`${payment_url}/fields`, {});
    expect(status).toBe(200);
    expect(body).toEqual({
      module: `${fields.origin}/fields.js`,
      settings: { account: platform.running.accountId, amount: "8000", currency: "USD" },
    });
  });

  test("cannot be typed into a form of ours: nothing of it reaches the processor, and nothing is written", async () => {
    const created = await platform.merchant.createIntent();
    const before = fields.calls.length;
    const refused = await tryToPay(created.payment_url);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ success: false, data: [] });
    expect(fields.calls).toHaveLength(before);
    const intent = await platform.merchant.intent(created.intent_id);
    expect(intent).toMatchObject({ status: "requires_payment", charges: [] });
  });

  test.each([
    ["of nobody", () => "once_unknown"],
    ["that is no text", () => 4242],
    ["that is empty", () => ""],
    ["that is endless", () => "x".repeat(15_000)],
    ["with what no table takes", () => "once_\0"],
  ])("by a token %s is refused without a charge", async (_, token) => {
    const created = await platform.merchant.createIntent();
    const refused = await post(`${created.payment_url}/pay`, { token: token() });
    expect(refused.status).toBe(422);
    expect((await platform.merchant.intent(created.intent_id)).charges).toEqual([]);
  });

  test("has no fields for an intent that is paid", async () => {
    const { payment_url } = await payWith("succeeds");
    expect((await post(`${payment_url}/fields`, {})).status).toBe(400);
  });

  test("is declined, and the next token pays", async () => {
    const declined = await payWith("declined");
    expect(declined.view).toMatchObject({
      status: "requires_payment",
      last_failure: { reason: "insufficient_funds" },
    });
    const paid = await post(`${declined.payment_url}/pay`, { token: newToken("succeeds") });
    expect(paid.body.data).toMatchObject({ status: "succeeded" });
  });
});

test("a wallet pays, and is shown by its name wherever a card would be", async () => {
  const { intent, view } = await payWith("wallet", { intent_type: "recurring", interval_days: 30 });
  expect(intent.charges).toMatchObject([{ status: "succeeded", card: null, wallet: "PayBuddy" }]);
  expect(view).toMatchObject({ card: null, wallet: "PayBuddy" });
  const { body } = await platform.merchant.get(`/subscriptions/${intent.subscription_id}`);
  expect(body.data).toMatchObject({ card: null, wallet: "PayBuddy" });
});

test("renewals charge the method that the first payment left with the customer, not the token that has served", async () => {
  const { intent } = await payWith("succeeds", { intent_type: "recurring", interval_days: 10 });
  const first = fields.calls.findLast(({ call }) => call === "charge")?.request as SentAttempt;
  await platform.merchant.advance({ seconds: 20 * DAY });
  const { body } = await platform.merchant.get(`/subscriptions/${intent.subscription_id}`);
  expect(body.data).toMatchObject({ status: "active", current_cycle: 2 });
  const renewals = fields.calls
    .filter(({ call }) => call === "charge")
    .map(({ request }) => request as SentAttempt)
    .filter(({ offSession, customer }) => offSession && customer.customerId === first.customer.customerId);
  expect(renewals.slice(-2).map(({ token }) => token)).toEqual([
    expect.stringMatching(/^stored_/),
    expect.stringMatching(/^stored_/),
  ]);
  expect(first).toMatchObject({
    customer: { email: "customer@example.com", name: "John Doe" },
    saveForLater: true,
    offSession: false,
  });
});

describe("a payment that the processor takes and decides later", () => {
  test("is under way until a notification says that there is news, and then paid once", async () => {
    const { intent_id, payment_url, view } = await payWith("decides_later");
    expect(view.status).toBe("processing");
    expect(await eventsOf(intent_id)).toEqual([]);
    const attemptKey = lastCharge();
    const news = { accountId: platform.running.accountId, about: { kind: "attempt", attemptKey } } as const;
    const call = fields.notify(news.accountId, news);
    expect(await notify(call)).toBe(200);
    expect((await checkoutState(payment_url)).status).toBe("processing");
    fields.decide(attemptKey, "succeeded");
    expect(await Promise.all([notify(call), notify(call), notify(call)])).toEqual([200, 200, 200]);
    expect(await platform.merchant.intent(intent_id)).toMatchObject({ status: "succeeded" });
    expect(await eventsOf(intent_id)).toEqual(["payment.succeeded"]);
  });

  test.each([
    ["succeeded", "succeeded", "payment.succeeded"],
    ["declined", "requires_payment", "payment.failed"],
  ] as const)("is looked up until it is %s, where no notification comes", async (decided, status, event) => {
    const { intent_id } = await payWith("decides_later");
    const attemptKey = lastCharge();
    await platform.merchant.advance({ seconds: 10 * MINUTE });
    expect((await platform.merchant.intent(intent_id)).status).toBe("processing");
    fields.decide(attemptKey, decided);
    await platform.merchant.advance({ seconds: 60 * MINUTE });
    expect((await platform.merchant.intent(intent_id)).status).toBe(status);
    expect(await eventsOf(intent_id)).toEqual([event]);
    const lookUps = fields.calls.filter((one) => one.call === "lookUp" && one.attemptKey === attemptKey);
    expect(lookUps.at(-1)?.request).toMatchObject({
      processorRef: expect.stringMatching(/^pay_/),
      amount: 8_000n,
      currency: "USD",
      returned: null,
    });
  });
});

describe("on the way back from a challenge", () => {
  test("the processor is given what the customer brings, and moves the money", async () => {
    const { intent_id, view } = await payWith("challenge");
    expect(view.status).toBe("requires_action");
    const back = await fields.answer(view.challenge_url ?? "", "complete");
    expect(new URL(back).searchParams.get("redirectResult")).not.toBeNull();
    expect((await fetch(back)).status).toBe(200);
    expect((await platform.merchant.intent(intent_id)).status).toBe("succeeded");
  });

  test.each([
    ["on its way", "before"],
    ["with its answer", "after"],
  ] as const)(
    "a completion that is lost %s is asked for again with the same, and charges once",
    async (_, where) => {
      const { intent_id, view } = await payWith("challenge");
      const attemptKey = lastCharge();
      const back = await fields.answer(view.challenge_url ?? "", "complete");
      fields.loseCompletion(where);
      await fetch(back);
      expect((await platform.merchant.intent(intent_id)).status).toBe("processing");
      await platform.merchant.advance({ seconds: MINUTE });
      const intent = await platform.merchant.intent(intent_id);
      expect(intent).toMatchObject({ status: "succeeded" });
      expect(intent.charges).toHaveLength(1);
      expect(await eventsOf(intent_id)).toEqual(["payment.succeeded"]);
      const asked = fields.calls.filter((one) => one.attemptKey === attemptKey && one.call !== "charge");
      const result = new URL(back).searchParams.get("redirectResult");
      expect(asked.map(({ call }) => call)).toEqual(
        where === "before" ? ["lookUp", "complete"] : ["complete", "lookUp"],
      );
      for (const { request } of asked)
        expect(request).toMatchObject({ returned: { redirectResult: result } });
    },
  );

  test("a customer who comes back without it finds the challenge still open", async () => {
    const { intent_id, payment_url, view } = await payWith("challenge");
    await fields.answer(view.challenge_url ?? "", "complete");
    expect((await fetch(`${payment_url}?returned=1`)).status).toBe(200);
    expect((await platform.merchant.intent(intent_id)).status).toBe("requires_action");
    expect((await fetch(`${payment_url}?returned=1&redirectResult=forged`)).status).toBe(200);
    expect((await platform.merchant.intent(intent_id)).status).toBe("requires_action");
  });

  test.each([
    ["too long", `a=${"x".repeat(12_001)}`],
    ["too many", Array.from({ length: 21 }, (_, at) => `p${at}=1`).join("&")],
    ["what no table takes", "redirectResult=a%00b"],
    ["twice the same", "redirectResult=a&redirectResult=b"],
  ])("parameters that are %s are refused, and the challenge stays open", async (_, query) => {
    const { intent_id, payment_url } = await payWith("challenge");
    expect((await fetch(`${payment_url}?returned=1&${query}`)).status).toBe(400);
    expect((await platform.merchant.intent(intent_id)).status).toBe("requires_action");
  });
});

describe("the processor's notifications", () => {
  test("come to the address of the account whose secret signs them, and to no other", async () => {
    const { accountId } = platform.running;
    const attemptKey = lastCharge();
    const call = fields.notify(accountId, { accountId, about: { kind: "attempt", attemptKey } });
    expect(await notify(call)).toBe(200);
    expect(await notify(call, "")).toBe(400);
    expect(await notify(call, `/${attemptKey}`)).toBe(400);
    expect(await notify(call, "/nobody")).toBe(404);
  });

  test("of what is not for the platform are taken without a word, however many come", async () => {
    const call = fields.notify(platform.running.accountId, "something else");
    for (let sent = 0; sent < 70; sent++) expect(await notify(call)).toBe(200);
  });
});

describe("a refund that the processor takes and decides later", () => {
  test.each(["succeeded", "failed"] as const)(
    "is asked after by the processor's reference until it has %s",
    async (outcome) => {
      const { intent_id } = await payWith("succeeds");
      fields.takeTimeForRefunds();
      const { body } = await platform.merchant.post(`/intents/${intent_id}/refunds`, { amount: 30 });
      const refundId = body.data.refund_id as string;
      const refundKey = parseRefundId(refundId) ?? "";
      await eventually(() =>
        fields.calls.find(({ call, request }) => call === "refund" && keyOf(request) === refundKey),
      );
      await platform.merchant.advance({ seconds: 10 * MINUTE });
      expect((await platform.merchant.get(`/refunds/${refundId}`)).body.data.status).toBe("pending");
      fields.decideRefund(refundKey, outcome);
      await platform.merchant.advance({ seconds: 60 * MINUTE });
      expect((await platform.merchant.get(`/refunds/${refundId}`)).body.data.status).toBe(outcome);
      const asked = fields.calls.filter(({ request }) => keyOf(request) === refundKey);
      expect(asked.map(({ call }) => call).filter((call) => call === "refund")).toHaveLength(1);
      expect(asked.at(-1)?.request).toMatchObject({ refundRef: expect.stringMatching(/^ref_/) });
    },
  );

  function keyOf(request: unknown): string | undefined {
    return (request as { refundKey?: string }).refundKey;
  }
});
