import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  aCard,
  challengeId,
  type OpenSandbox,
  openSandbox,
  PUBLIC_URL,
  SECRET,
} from "../../../test/support/open-sandbox.ts";
import type { Instant } from "../../base/instant.ts";
import { signWebhook } from "../../domain/webhook-signature.ts";
import { sql } from "../../store/sql.ts";
import { describeProcessor } from "../conformance.ts";
import type { NotificationCall } from "../processor.ts";
import { signNotification } from "./notifications.ts";

const SUCCEEDS = "4242424242424242";
const CHALLENGE = "4000000000003220";

describeProcessor("the sandbox", async () => {
  const open = await openSandbox();
  const numbers = { succeeds: SUCCEEDS, declined: "4000000000000002", challenge: CHALLENGE };
  return {
    processor: open.sandbox,
    accountId: open.accountId,
    otherAccountId: open.otherAccountId,
    newAttemptKey: open.newAttemptKey,
    saveCard: (kind) => open.saveCard(numbers[kind]),
    customerId: open.request("").customer.customerId,
    now: open.world.now,
    answerChallenge: async (url, answer) => {
      const answered = await open.sandbox.challenges.answer(challengeId(url), answer);
      if (!answered) throw new Error("The challenge is over.");
      return answered.returnUrl;
    },
    notify: async (news) => {
      const at = open.world.now();
      if (news === "something else") return somethingElse(at);
      const { headers, body } = signNotification(news, { secret: SECRET, at });
      return { accountId: null, headers, body: Buffer.from(body) };
    },
    pause: async () => undefined,
    close: open.close,
  };
});

/** Authentic, of a kind that the platform keeps no books of. */
function somethingElse(at: Instant): NotificationCall {
  const signed = { id: "ntf_1", timestamp: Number(at / 1_000_000n), body: '{"type":"customer.updated"}' };
  const headers = {
    "webhook-id": signed.id,
    "webhook-timestamp": String(signed.timestamp),
    "webhook-signature": signWebhook({ ...signed, secrets: [SECRET] }),
  };
  return { accountId: null, headers, body: Buffer.from(signed.body) };
}

let refuses = false;
let open: OpenSandbox;
beforeAll(async () => {
  open = await openSandbox({ refusesRefund: async () => refuses });
});
afterAll(() => open.close());

/** How often the saved card was charged with success, as the vault counts. */
async function successesOn(token: string): Promise<number | undefined> {
  const rows = await open.db.query<{ successes: number }>(sql`
    select successes from sandbox.methods where account_id = ${open.accountId} and token = ${token}`);
  return rows[0]?.successes;
}

const ref = ({ attemptKey }: { attemptKey: ReturnType<OpenSandbox["newAttemptKey"]> }) => ({
  accountId: open.accountId,
  attemptKey,
  processorRef: null,
});

/** Charges with the customer there and answers the challenge. */
async function payThrough(number: string, answer: "complete" | "fail") {
  const { sandbox } = open;
  const attempt = open.request(await open.saveCard(number));
  const challenged = await sandbox.charge(attempt);
  if (challenged.kind !== "challenge") throw new Error(`Expected a challenge, not ${challenged.kind}.`);
  await sandbox.challenges.answer(challengeId(challenged.url), answer);
  return { attempt, outcome: await sandbox.complete(ref(attempt)) };
}

describe("the cards that everyone knows", () => {
  test.each([SUCCEEDS, "5555555555554444", "378282246310005"])(
    "%s succeeds, again and again",
    async (number) => {
      const token = await open.saveCard(number);
      for (const attempt of [open.request(token), open.renewal(token), open.renewal(token)]) {
        expect((await open.sandbox.charge(attempt)).kind).toBe("succeeded");
      }
      expect(await successesOn(token)).toBe(3);
    },
  );

  test.each([
    ["4000000000000002", "generic_decline"],
    ["4000000000009995", "insufficient_funds"],
    ["4000000000009987", "lost_card"],
    ["4000000000009979", "stolen_card"],
    ["4000000000000069", "expired_card"],
    ["4000000000000127", "incorrect_cvc"],
    ["4000000000000119", "processing_error"],
  ])("%s is declined: %s, also without its customer", async (number, reason) => {
    const token = await open.saveCard(number);
    for (const attempt of [open.request(token), open.renewal(token)]) {
      expect(await open.sandbox.charge(attempt)).toMatchObject({ kind: "declined", reason });
    }
    expect(await successesOn(token)).toBe(0);
  });

  test("4000000000000341 succeeds once for each time it is saved, and the same attempt again does not count", async () => {
    const [one, other] = [await open.saveCard("4000000000000341"), await open.saveCard("4000000000000341")];
    const first = open.request(one);
    const paid = await open.sandbox.charge(first);
    expect(paid.kind).toBe("succeeded");
    expect(await open.sandbox.charge(first)).toEqual(paid);
    for (const later of [open.renewal(one), open.request(one)]) {
      expect(await open.sandbox.charge(later)).toMatchObject({ kind: "declined", reason: "generic_decline" });
    }
    expect(await open.sandbox.charge(first)).toEqual(paid);
    expect((await open.sandbox.charge(open.renewal(other))).kind).toBe("succeeded");
  });

  test("4000000000000341 succeeds once even when many attempts arrive at the same moment", async () => {
    for (let round = 0; round < 10; round++) {
      const token = await open.saveCard("4000000000000341");
      const attempts = Array.from({ length: 4 }, () => open.renewal(token));
      const twice = [...attempts, ...attempts];
      const answers = await Promise.all(twice.map((attempt) => open.sandbox.charge(attempt)));
      const paid = new Set(
        answers.filter(({ kind }) => kind === "succeeded").map((answer) => answer.processorRef),
      );
      expect(paid.size).toBe(1);
      expect(await successesOn(token)).toBe(1);
    }
  });

  test("4000000000003220 asks its customer each time, and cannot be charged without", async () => {
    const { attempt, outcome } = await payThrough(CHALLENGE, "complete");
    expect(outcome.kind).toBe("succeeded");
    expect((await open.sandbox.charge(open.request(attempt.token))).kind).toBe("challenge");
    const renewal = await open.sandbox.charge(open.renewal(attempt.token));
    expect(renewal).toMatchObject({ kind: "declined", reason: "authentication_required" });
  });

  test("4000008400001629 is declined after its challenge was passed", async () => {
    const { attempt, outcome } = await payThrough("4000008400001629", "complete");
    expect(outcome).toMatchObject({ kind: "declined", reason: "generic_decline" });
    expect(await open.sandbox.lookUp(ref(attempt))).toEqual(outcome);
    const renewal = await open.sandbox.charge(open.renewal(attempt.token));
    expect(renewal).toMatchObject({ kind: "declined", reason: "authentication_required" });
  });

  test("4000002500003155 asks its customer at the first charge, and renewals succeed", async () => {
    const { attempt, outcome } = await payThrough("4000002500003155", "complete");
    expect(outcome.kind).toBe("succeeded");
    for (let cycle = 1; cycle <= 3; cycle++) {
      expect((await open.sandbox.charge(open.renewal(attempt.token))).kind).toBe("succeeded");
    }
  });
});

describe("the vault", () => {
  test("keeps what a card does and what may be shown of it, but neither its number nor its code", async () => {
    const { collection } = open.sandbox;
    if (collection.by !== "our_form") throw new Error("The sandbox takes cards typed into our form.");
    const card = aCard({ number: "5555 5555 5555 4444", name: "Mercy Vault", cvc: "731", expiry: "08/2031" });
    const saved = await collection.saveCard(open.accountId, card);
    if (!saved.ok) throw new Error("The card is a good one.");
    const { token, ...shown } = saved.value;
    expect(token).toMatch(/^tok_[\w-]{22}$/);
    expect(shown).toEqual({ kind: "card", brand: "mastercard", last4: "4444", expMonth: 8, expYear: 2031 });

    const kept = await open.db.query<{ row: string }>(sql`
      select to_jsonb(t) as row from sandbox.methods t where account_id = ${open.accountId} and token = ${token}`);
    expect(kept.map(({ row }) => JSON.parse(row))).toEqual([
      {
        account_id: open.accountId,
        token,
        behaviour: "succeeds",
        brand: "mastercard",
        last4: "4444",
        exp_month: 8,
        exp_year: 2031,
        successes: 0,
        created_at: expect.stringMatching(/^2026-06-15T/),
      },
    ]);
  });

  test("writes nothing for a card that it refuses", async () => {
    const { collection } = open.sandbox;
    if (collection.by !== "our_form") throw new Error("The sandbox takes cards typed into our form.");
    const refused = await collection.saveCard(open.otherAccountId, aCard({ number: "4111111111111111" }));
    expect(refused).toEqual({ ok: false, failure: { number: "not_a_test_card" } });
    const rows = await open.db.query(
      sql`select 1 from sandbox.methods where account_id = ${open.otherAccountId}`,
    );
    expect(rows).toEqual([]);
  });
});

describe("an attempt key", () => {
  test("stands for one payment in the books, however many requests carry it at the same moment", async () => {
    const token = await open.saveCard(SUCCEEDS);
    const attempt = open.request(token);
    const answers = await Promise.all(Array.from({ length: 12 }, () => open.sandbox.charge(attempt)));
    expect(new Set(answers.map((answer) => answer.processorRef)).size).toBe(1);
    expect(await successesOn(token)).toBe(1);
  });

  test("cannot be used for another card, not even at the same moment", async () => {
    for (let round = 0; round < 5; round++) {
      const attempt = open.request(await open.saveCard(SUCCEEDS));
      const other = { ...attempt, token: await open.saveCard(SUCCEEDS) };
      const answers = await Promise.allSettled([open.sandbox.charge(attempt), open.sandbox.charge(other)]);
      expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const counts = new Set([await successesOn(attempt.token), await successesOn(other.token)]);
      expect(counts).toEqual(new Set([0, 1]));
    }
  });

  test("of an unknown card, or of a challenge without a way back, leaves nothing behind", async () => {
    const unknown = open.request("tok_unknown");
    await expect(open.sandbox.charge(unknown)).rejects.toThrow("no card under this token");
    const lost = open.request(await open.saveCard(CHALLENGE), { returnUrl: null });
    await expect(open.sandbox.charge(lost)).rejects.toThrow("send the customer back");
    for (const attempt of [unknown, lost]) {
      expect(await open.sandbox.lookUp(ref(attempt))).toEqual({ kind: "unknown_attempt" });
      await expect(open.sandbox.complete(ref(attempt))).rejects.toThrow("no payment under this attempt key");
      await open.sandbox.abandon(ref(attempt));
    }
  });
});

describe("a refund key", () => {
  test("stands for one refund, and a refund that failed stays failed", async () => {
    const attempt = open.request(await open.saveCard(CHALLENGE));
    const challenged = await open.sandbox.charge(attempt);
    if (challenged.kind !== "challenge") throw new Error("The card asks its customer.");
    const refund = { ...ref(attempt), refundKey: "r-1", amount: 100n, currency: "USD" };
    const tooEarly = await open.sandbox.refund(refund);
    expect(tooEarly).toMatchObject({ kind: "failed" });
    await open.sandbox.challenges.answer(challengeId(challenged.url), "complete");
    await open.sandbox.complete(ref(attempt));
    expect(await open.sandbox.refund(refund)).toEqual(tooEarly);
    expect(await open.sandbox.lookUpRefund(refund)).toEqual(tooEarly);
    const later = { ...refund, refundKey: "r-2" };
    expect(await open.sandbox.refund(later)).toMatchObject({ kind: "succeeded" });
    await expect(open.sandbox.refund({ ...later, amount: 101n })).rejects.toThrow("another refund");
    const euros = { ...refund, refundKey: "r-3", currency: "EUR" };
    expect(await open.sandbox.refund(euros)).toMatchObject({ kind: "failed" });
  });

  test("whose refund was made is not refused afterwards, and one that was refused stays so", async () => {
    const attempt = open.request(await open.saveCard(SUCCEEDS));
    await open.sandbox.charge(attempt);
    const made = { ...ref(attempt), refundKey: "r-5", amount: 100n, currency: "USD" };
    const refused = { ...made, refundKey: "r-6" };
    const answer = await open.sandbox.refund(made);
    refuses = true;
    const refusal = await open.sandbox.refund(refused);
    // The platform was killed before it had written the answer down: it asks again.
    expect(await open.sandbox.refund(made)).toEqual(answer);
    refuses = false;
    expect(refusal).toMatchObject({ kind: "failed" });
    expect(await open.sandbox.refund(refused)).toEqual(refusal);
    expect(await open.sandbox.lookUpRefund(refused)).toEqual(refusal);
  });

  test("of a payment that never arrived is not answered, so that it may still be refunded when it does", async () => {
    const attempt = open.request(await open.saveCard(SUCCEEDS));
    const refund = { ...ref(attempt), refundKey: "r-4", amount: 8_000n, currency: "USD" };
    await expect(open.sandbox.refund(refund)).rejects.toThrow("no payment under this attempt key");
    await open.sandbox.charge(attempt);
    expect((await open.sandbox.refund(refund)).kind).toBe("succeeded");
  });
});

test("the sandbox takes test payments alone, typed into our own form", () => {
  const { name, modes, collection } = open.sandbox;
  expect({ name, modes, by: collection.by }).toEqual({ name: "sandbox", modes: ["test"], by: "our_form" });
});

test("a challenge's address is the sandbox's own, and different for each attempt", async () => {
  const token = await open.saveCard(CHALLENGE);
  const attempts = [open.request(token), open.request(token)];
  const answers = await Promise.all(attempts.map((attempt) => open.sandbox.charge(attempt)));
  const urls = answers.map((answer) => (answer.kind === "challenge" ? answer.url : ""));
  expect(new Set(urls).size).toBe(2);
  for (const url of urls) expect(url).toMatch(new RegExp(`^${PUBLIC_URL}/sandbox/challenges/[\\w-]{43}$`));
});
