/** Two at once on one intent: tabs, returns from a challenge, cancels and expiries. Exactly one wins, whoever it is. */
import { beforeAll, describe, expect, it } from "vitest";
import { sql } from "../../src/store/sql.ts";
import {
  answerChallenge,
  CARDS,
  eventually,
  type Json,
  pay,
  startPlatform,
  type TestPlatform,
} from "../support/platform.ts";

type Created = { intent_id: string; payment_url: string };

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("tabs that pay at once", () => {
  it.each([2, 10])("(%i of them) make one charge", async (tabs) => {
    for (let round = 0; round < 5; round++) {
      const created = await platform.merchant.createIntent();
      const views = await Promise.all(Array.from({ length: tabs }, () => pay(created.payment_url)));
      for (const view of views) expect(["processing", "succeeded"]).toContain(view.status);
      const intent = await platform.merchant.intent(created.intent_id);
      expect(intent.status).toBe("succeeded");
      expect(intent.charges).toHaveLength(1);
      await told(created.intent_id, ["payment.succeeded"]);
    }
  });

  it("with cards that are declined fail ten times at the most, one charge at a time", async () => {
    const created = await platform.merchant.createIntent();
    for (let round = 0; round < 12; round++) {
      await Promise.all(Array.from({ length: 4 }, () => pay(created.payment_url, CARDS.declined)));
    }
    const intent = await platform.merchant.intent(created.intent_id);
    expect(intent.status).toBe("failed");
    expect(intent.charges).toHaveLength(10);
    await told(created.intent_id, Array<string>(10).fill("payment.failed"));
  });

  it("of a recurring intent start one subscription", async () => {
    const created = await platform.merchant.createIntent({ intent_type: "recurring", interval_days: 30 });
    await Promise.all(Array.from({ length: 6 }, () => pay(created.payment_url)));
    await told(created.intent_id, ["payment.succeeded", "subscription.created"]);
    const { subscription_id } = await platform.merchant.intent(created.intent_id);
    await platform.merchant.post(`/subscriptions/${subscription_id}/cancel`);
  });

  it("and meet a challenge, all see the same one", async () => {
    const created = await platform.merchant.createIntent();
    const card = CARDS.challengeThenSucceeds;
    await Promise.all(Array.from({ length: 5 }, () => pay(created.payment_url, card)));
    const view = await pay(created.payment_url, card);
    expect(view.status).toBe("requires_action");
    expect((await platform.merchant.intent(created.intent_id)).charges).toHaveLength(1);
    await answerChallenge(view, "complete");
    await told(created.intent_id, ["payment.succeeded"]);
  });
});

describe("a cancel that races a payment", () => {
  it("a hundred times: exactly one wins each time, and either may", async () => {
    const outcomes = await race(100, 10, async (created, order) => {
      const [view, cancelled] = await inOrder(
        order,
        () => pay(created.payment_url),
        () => platform.merchant.post(`/intents/${created.intent_id}/cancel`),
      );
      return { paid: view.status === "succeeded", cancelled: cancelled.status };
    });
    expect(outcomes.get("succeeded")).toBeGreaterThan(0);
    expect(outcomes.get("cancelled")).toBeGreaterThan(0);
    expect((outcomes.get("succeeded") ?? 0) + (outcomes.get("cancelled") ?? 0)).toBe(100);
  });

  it("with a card that is declined: whoever is first, the cancel is one, and nothing is paid", async () => {
    for (let round = 0; round < 20; round++) {
      const created = await platform.merchant.createIntent();
      const [, cancelled] = await Promise.all([
        pay(created.payment_url, CARDS.declined),
        platform.merchant.post(`/intents/${created.intent_id}/cancel`),
      ]);
      const again = await platform.merchant.post(`/intents/${created.intent_id}/cancel`);
      expect([200, 400]).toContain(cancelled.status);
      expect(again.status).toBe(200);
      await eventually(() => platform.sink.of("payment.canceled", created.intent_id).length === 1);
    }
  });

  it("and ten tabs and three cancels at once leave one outcome", async () => {
    for (let round = 0; round < 8; round++) {
      const created = await platform.merchant.createIntent();
      await Promise.all([
        ...Array.from({ length: 10 }, () => pay(created.payment_url)),
        ...Array.from({ length: 3 }, () => platform.merchant.post(`/intents/${created.intent_id}/cancel`)),
      ]);
      await agrees(created);
    }
  });
});

describe("a cancel that races the return from a challenge", () => {
  it("sixty times: exactly one wins each time, and either may", async () => {
    const outcomes = await race(60, 6, async (created, order) => {
      const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
      await complete(view.challenge_url);
      const [, cancelled] = await inOrder(
        order,
        () => comeBack(created),
        () => platform.merchant.post(`/intents/${created.intent_id}/cancel`),
      );
      const { status } = await platform.merchant.intent(created.intent_id);
      return { paid: status === "succeeded", cancelled: cancelled.status };
    });
    expect(outcomes.get("succeeded")).toBeGreaterThan(0);
    expect(outcomes.get("cancelled")).toBeGreaterThan(0);
  });
});

describe("returns from a challenge at once", () => {
  it.each([2, 8])("(%i of them) make one charge, told once", async (returns) => {
    for (let round = 0; round < 5; round++) {
      const created = await platform.merchant.createIntent();
      const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
      await complete(view.challenge_url);
      await Promise.all(Array.from({ length: returns }, () => comeBack(created)));
      await told(created.intent_id, ["payment.succeeded"]);
      expect((await platform.merchant.intent(created.intent_id)).charges).toHaveLength(1);
    }
  });

  it("with and without an answer, and a reload between, still come to one charge", async () => {
    for (let round = 0; round < 10; round++) {
      const created = await platform.merchant.createIntent();
      const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
      await Promise.all([comeBack(created), answerChallenge(view, "complete"), comeBack(created)]);
      await comeBack(created);
      await told(created.intent_id, ["payment.succeeded"]);
    }
  });
});

describe("time that is up while the customer pays", () => {
  it("leaves the intent paid or expired, never both", async () => {
    const { merchant } = platform;
    const seen = new Set<string>();
    for (let round = 0; round < 16; round++) {
      const created = await merchant.createIntent();
      const { expires_at } = await merchant.intent(created.intent_id);
      await inOrder(
        round,
        () => pay(created.payment_url),
        () => merchant.advance({ to: expires_at }),
      );
      const intent = await merchant.intent(created.intent_id);
      seen.add(intent.status);
      expect(["succeeded", "expired"]).toContain(intent.status);
      expect(intent.charges).toHaveLength(intent.status === "succeeded" ? 1 : 0);
    }
    expect([...seen].toSorted()).toEqual(["expired", "succeeded"]);
  });
});

/** Runs both at once; which request leaves first, and by how much, changes from one race to the next. */
async function inOrder<A, B>(
  order: number,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> {
  const lead = () => new Promise((resolve) => setTimeout(resolve, 2 * (Math.floor(order / 2) % 12)));
  const a = order % 2 === 0 ? first() : lead().then(first);
  const b = order % 2 === 0 ? lead().then(second) : second();
  return await Promise.all([a, b]);
}

/** Races that run `atOnce` side by side; checks that each outcome is one, and counts them. */
async function race(
  times: number,
  atOnce: number,
  run: (created: Created, order: number) => Promise<{ paid: boolean; cancelled: number }>,
): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  for (let begun = 0; begun < times; begun += atOnce) {
    await Promise.all(
      Array.from({ length: atOnce }, async (_, index) => {
        const created = await platform.merchant.createIntent();
        const { paid, cancelled } = await run(created, begun + index);
        const intent = await agrees(created);
        expect(intent.status).toBe(paid ? "succeeded" : "cancelled");
        expect(cancelled).toBe(paid ? 400 : 200);
        outcomes.set(intent.status, (outcomes.get(intent.status) ?? 0) + 1);
      }),
    );
  }
  return outcomes;
}

/** Status, charges, events and the sandbox's own books tell the same story. */
async function agrees(created: Created): Promise<Json> {
  const intent = await platform.merchant.intent(created.intent_id);
  expect(["succeeded", "cancelled"]).toContain(intent.status);
  const isPaid = intent.status === "succeeded";
  await told(created.intent_id, [isPaid ? "payment.succeeded" : "payment.canceled"]);
  const succeeded = intent.charges.filter((charge: Json) => charge.status === "succeeded");
  expect(succeeded).toHaveLength(isPaid ? 1 : 0);
  const moved = await platform.running.platform.db.query(sql`
    select 1 from sandbox.payments p join charges c on c.attempt_key = p.idempotency_key
     where c.intent_id = ${created.intent_id.replace("pi_", "")} and p.status = 'succeeded'`);
  expect(moved).toHaveLength(isPaid ? 1 : 0);
  return intent;
}

/** The customer's answer, whose way back the test takes by itself. */
async function complete(challengeUrl: string | null): Promise<void> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  await fetch(challengeUrl ?? "", { method: "POST", headers, body: "result=complete", redirect: "manual" });
}

async function comeBack(created: Created): Promise<void> {
  const page = await fetch(`${created.payment_url}?returned=1`);
  expect(page.status).toBe(200);
  await page.text();
}

async function told(intentId: string, events: readonly string[]): Promise<void> {
  await eventually(() => platform.sink.typesFor(intentId).length >= events.length);
  expect(platform.sink.typesFor(intentId)).toEqual(events);
}
