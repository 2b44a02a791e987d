/**
 * A processor's own calls to us, over the real route and with real signatures: before, after and at the same time as the
 * browser's return and our own answer, late, doubled and swapped, forged and changed.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { beforeAll, describe, expect, it } from "vitest";
import { createCipher } from "../../src/base/cipher.ts";
import { NOTIFICATIONS } from "../../src/base/limits.ts";
import { createLog } from "../../src/base/log.ts";
import { realWorld } from "../../src/base/world.ts";
import { sandboxSecrets } from "../../src/main/sandbox-notifications.ts";
import { createSandbox } from "../../src/processors/sandbox/sandbox.ts";
import { openDatabase } from "../../src/store/database.ts";
import { sql } from "../../src/store/sql.ts";
import { createFaultyLink } from "../support/faulty-link.ts";
import { newMerchant } from "../support/merchants.ts";
import {
  answerChallenge,
  CARDS,
  checkoutState,
  eventually,
  type Json,
  pay,
  startPlatform,
  type TestPlatform,
  tryToPay,
} from "../support/platform.ts";

const secretKey = randomBytes(32);
const secret = sandboxSecrets(createCipher(secretKey, realWorld()))[0];
const link = createFaultyLink();
const lines: string[] = [];

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({
    secretKey,
    sandboxLink: link,
    log: createLog("debug", { write: (line) => void lines.push(line) }),
  });
});

type Attempt = { readonly account: string; readonly key: string; readonly status: string };

/** The newest attempt at an intent, as the processor knows it. */
async function attemptOf(intentId: string): Promise<Attempt> {
  const [row] = await platform.running.platform.db.query<Attempt>(sql`
    select account_id as account, attempt_key as key, status from charges
     where intent_id = ${intentId.slice("pi_".length)} order by created_at desc limit 1`);
  if (!row) throw new Error("There is no attempt yet.");
  return row;
}

const news = ({ account, key }: Pick<Attempt, "account" | "key">) =>
  JSON.stringify({ type: "payment.updated", account_id: account, idempotency_key: key });

/** Signed with the library that receivers use, not with our own code. */
function signed(body: string, change: { secret?: string; at?: Date } = {}): Record<string, string> {
  const { secret: by = secret, at = new Date() } = change;
  const id = `ntf_${randomUUID()}`;
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(by).sign(id, at, body),
  };
}

async function notify(
  body: string | Buffer,
  headers: Record<string, string> = signed(String(body)),
  to: { name?: string; url?: string } = {},
): Promise<{ status: number; body: Json; retryAfter: string | null }> {
  const { name = "sandbox", url = platform.url } = to;
  const response = await fetch(`${url}/processors/${name}/notifications`, {
    method: "POST",
    headers,
    body: new Uint8Array(Buffer.from(body)),
  });
  return {
    status: response.status,
    body: await response.json(),
    retryAfter: response.headers.get("retry-after"),
  };
}

/** An intent whose challenge is open, with its attempt. */
async function challenged() {
  const created = await platform.merchant.createIntent();
  const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
  return { ...created, view, attempt: await attemptOf(created.intent_id) };
}

/** The customer passes the challenge, and their browser is lost on the way back. */
async function passWithoutComingBack(challengeUrl: string | null): Promise<void> {
  const answered = await fetch(challengeUrl ?? "", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "result=complete",
    redirect: "manual",
  });
  expect(answered.status).toBe(303);
}

const comeBack = (paymentUrl: string) => fetch(`${paymentUrl}?returned=1`);

/** What was told of an intent, once all of `types` has arrived and nothing is under way. */
async function told(intentId: string, ...types: string[]): Promise<void> {
  await eventually(() => types.every((type) => platform.sink.typesFor(intentId).includes(type)));
  await platform.settled();
  expect(platform.sink.typesFor(intentId)).toEqual(types);
}

describe("a notification and the browser's return", () => {
  it("first the notification: the payment is completed, and the return finds it so", async () => {
    const { intent_id, payment_url, view, attempt } = await challenged();
    await passWithoutComingBack(view.challenge_url);
    expect(await notify(news(attempt))).toMatchObject({ status: 200, body: { success: true } });
    expect((await platform.merchant.intent(intent_id)).status).toBe("succeeded");
    expect((await comeBack(payment_url)).status).toBe(200);
    expect((await checkoutState(payment_url)).status).toBe("succeeded");
    await told(intent_id, "payment.succeeded");
  });

  it("first the return: the notification, doubled too, finds nothing to do and asks nobody", async () => {
    const { intent_id, view, attempt } = await challenged();
    await answerChallenge(view, "complete");
    const callsBefore = link.calls.length;
    const body = news(attempt);
    const once = signed(body);
    for (const headers of [once, once, signed(body)]) expect((await notify(body, headers)).status).toBe(200);
    expect(link.calls.length).toBe(callsBefore);
    await told(intent_id, "payment.succeeded");
  });

  it("both at the same moment, fifty times: one transition, one charge, one event", async () => {
    const orders = { returnFirst: 0, notificationFirst: 0 };
    for (let round = 0; round < 10; round++) {
      const rounds = await Promise.all(Array.from({ length: 5 }, challenged));
      await Promise.all(rounds.map(({ view }) => passWithoutComingBack(view.challenge_url)));
      await Promise.all(
        rounds.map(async ({ payment_url, attempt }, at) => {
          const ended: string[] = [];
          const back = () => comeBack(payment_url).then(() => ended.push("return"));
          const hint = () => notify(news(attempt)).then(({ status }) => ended.push(`hint ${status}`));
          const [one, other] = (round + at) % 2 === 0 ? [back, hint] : [hint, back];
          await Promise.all([one(), other()]);
          orders[ended[0] === "return" ? "returnFirst" : "notificationFirst"]++;
          // Whoever came second may have met the other at work.
          expect(["hint 200", "hint 503"]).toContain(ended.find((what) => what.startsWith("hint")));
        }),
      );
      for (const { intent_id } of rounds) {
        await eventually(async () => (await platform.merchant.intent(intent_id)).status === "succeeded");
        await told(intent_id, "payment.succeeded");
      }
    }
    expect(orders.returnFirst).toBeGreaterThan(0);
    expect(orders.notificationFirst).toBeGreaterThan(0);
  }, 60_000);

  it("of a challenge that the customer failed: the payment is declined, and may be tried again", async () => {
    const { intent_id, payment_url, view, attempt } = await challenged();
    await fetch(view.challenge_url ?? "", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "result=fail",
      redirect: "manual",
    });
    expect((await notify(news(attempt))).status).toBe(200);
    expect((await platform.merchant.intent(intent_id)).status).toBe("requires_payment");
    await pay(payment_url);
    // The old attempt's news come once more, when the new one has succeeded.
    expect((await notify(news(attempt))).status).toBe(200);
    expect((await platform.merchant.intent(intent_id)).status).toBe("succeeded");
    await told(intent_id, "payment.failed", "payment.succeeded");
  });

  it("of a challenge that is still open: nothing has changed afterwards", async () => {
    const { intent_id, payment_url, view, attempt } = await challenged();
    expect((await notify(news(attempt))).status).toBe(200);
    expect((await platform.merchant.intent(intent_id)).status).toBe("requires_action");
    expect((await checkoutState(payment_url)).challenge_url).toBe(view.challenge_url);
    await answerChallenge(view, "complete");
    expect((await platform.merchant.intent(intent_id)).status).toBe("succeeded");
  });
});

describe("a notification and our own answer", () => {
  it.each([
    ["succeeded", CARDS.visa, "payment.succeeded", "succeeded"],
    ["was declined", CARDS.declined, "payment.failed", "requires_payment"],
  ])(
    "comes first, of a charge that %s: it settles, and the answer changes nothing",
    async (_, card, event, status) => {
      const created = await platform.merchant.createIntent();
      const late = link.nextCharge("late");
      const paying = tryToPay(created.payment_url, { number: card });
      await late.struck;
      const attempt = await attemptOf(created.intent_id);
      expect(attempt.status).toBe("pending");
      expect((await notify(news(attempt))).status).toBe(200);
      expect((await platform.merchant.intent(created.intent_id)).status).toBe(status);
      late.release();
      expect((await paying).status).toBe(200);
      expect((await platform.merchant.intent(created.intent_id)).status).toBe(status);
      await told(created.intent_id, event);
    },
  );

  it("comes first, of a challenge: the customer may go there, and the late answer does not reopen it", async () => {
    const created = await platform.merchant.createIntent();
    const late = link.nextCharge("late");
    const paying = tryToPay(created.payment_url, { number: CARDS.challengeThenSucceeds });
    await late.struck;
    expect((await notify(news(await attemptOf(created.intent_id)))).status).toBe(200);
    const view = await checkoutState(created.payment_url);
    expect(view.status).toBe("requires_action");
    await answerChallenge(view, "complete");
    late.release();
    expect((await paying).status).toBe(200);
    expect((await platform.merchant.intent(created.intent_id)).status).toBe("succeeded");
    await told(created.intent_id, "payment.succeeded");
  });

  it("comes of a request that the processor does not have: it is not sent again before its look-up", async () => {
    const created = await platform.merchant.createIntent();
    link.nextCharge("timeout_before");
    await tryToPay(created.payment_url);
    const charges = () => link.calls.filter(({ method }) => method === "charge").length;
    const before = charges();
    expect((await notify(news(await attemptOf(created.intent_id)))).status).toBe(200);
    expect(charges()).toBe(before);
    expect((await platform.merchant.intent(created.intent_id)).status).toBe("processing");
    await platform.merchant.advance({ seconds: 60 });
    expect((await platform.merchant.intent(created.intent_id)).status).toBe("succeeded");
  });

  it("is answered 503 while the processor cannot be asked, and 200 when it comes again", async () => {
    const created = await platform.merchant.createIntent();
    link.nextCharge("timeout_after");
    await tryToPay(created.payment_url);
    const attempt = await attemptOf(created.intent_id);
    link.next("lookUp", "timeout_after");
    expect(await notify(news(attempt))).toMatchObject({ status: 503, retryAfter: "1" });
    expect((await platform.merchant.intent(created.intent_id)).status).toBe("processing");
    expect((await notify(news(attempt))).status).toBe(200);
    expect((await platform.merchant.intent(created.intent_id)).status).toBe("succeeded");
  });

  it("comes twenty times at once of one lost answer: one event, one entry in the books", async () => {
    const created = await platform.merchant.createIntent({ intent_type: "recurring", interval_days: 30 });
    link.nextCharge("timeout_after");
    await tryToPay(created.payment_url);
    const body = news(await attemptOf(created.intent_id));
    const answers = await Promise.all(Array.from({ length: 20 }, () => notify(body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await told(created.intent_id, "payment.succeeded", "subscription.created");
  });
});

describe("a notification after the payment was given up", () => {
  it("brings a late success: it is refunded by itself and told, and the intent stays cancelled", async () => {
    const { intent_id, payment_url, view, attempt } = await challenged();
    await passWithoutComingBack(view.challenge_url);
    const { complete, lost } = await completeBehindOurBack(attempt);
    expect((await platform.merchant.post(`/intents/${intent_id}/cancel`)).status).toBe(200);
    await lost; // our own asking after the attempt, so that the notification alone can bring it
    await complete();
    expect((await notify(news(attempt))).status).toBe(200);
    expect((await attemptOf(intent_id)).status).toBe("late");
    const refunded = await eventually(() => platform.sink.of("payment.refunded", intent_id)[0]);
    expect(refunded.payload).toMatchObject({ reason: "late_success", amount: "80.00" });
    expect((await notify(news(attempt))).status).toBe(200);
    await told(intent_id, "payment.canceled", "payment.refunded");
    expect((await checkoutState(payment_url)).status).toBe("cancelled");
    expect(lines.join("")).toContain(
      "a payment succeeded after it had been given up; it is refunded by itself",
    );
  });

  it("of nothing that moved any money leaves it given up", async () => {
    const { intent_id, view, attempt } = await challenged();
    await passWithoutComingBack(view.challenge_url);
    expect((await platform.merchant.post(`/intents/${intent_id}/cancel`)).status).toBe(200);
    for (let time = 0; time < 2; time++) expect((await notify(news(attempt))).status).toBe(200);
    expect((await attemptOf(intent_id)).status).toBe("failed");
    await told(intent_id, "payment.canceled");
  });

  it("by the intent's expiry completes nothing", async () => {
    const merchant = await newMerchant(platform);
    const created = await merchant.createIntent();
    const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
    const attempt = await attemptOf(created.intent_id);
    await merchant.advance({ seconds: 86_401 });
    await passWithoutComingBack(view.challenge_url);
    expect((await notify(news(attempt))).status).toBe(200);
    expect((await merchant.intent(created.intent_id)).status).toBe("expired");
    expect((await attemptOf(created.intent_id)).status).toBe("failed");
  });

  /** The processor completes an attempt that the platform has given up: an earlier completion was on its way for long. */
  async function completeBehindOurBack({ account, key }: Attempt) {
    // As many as the worker may send before the test is done.
    const lost = [link.next("abandon", "timeout_before"), link.next("lookUp", "timeout_before")];
    for (let more = 0; more < 3; more++) link.next("abandon", "timeout_before");
    const db = openDatabase({ url: platform.databaseUrl, log: createLog("silent"), applicationName: "bank" });
    const bank = createSandbox({ db, world: realWorld(), publicUrl: platform.url });
    return {
      lost: Promise.all(lost.map(({ struck }) => struck)),
      complete: async () => {
        const accountId = account as Parameters<typeof bank.complete>[0]["accountId"];
        const attemptKey = key as Parameters<typeof bank.complete>[0]["attemptKey"];
        const answer = await bank.complete({ accountId, attemptKey, processorRef: null });
        await db.close();
        expect(answer.kind).toBe("succeeded");
      },
    };
  }
});

describe("a notification of a refund", () => {
  it("settles the one whose answer was lost, once", async () => {
    const created = await platform.merchant.createIntent();
    await pay(created.payment_url);
    const { account } = await attemptOf(created.intent_id);
    const answer = link.next("refund", "timeout_after");
    const refund = (await platform.merchant.post(`/intents/${created.intent_id}/refunds`, { amount: 30 }))
      .body.data;
    await answer.struck;
    const key = String(refund.refund_id).slice("re_".length);
    const body = JSON.stringify({ type: "refund.updated", account_id: account, refund_key: key });
    await eventually(async () => (await notify(body)).status === 200);
    expect((await platform.merchant.get(`/refunds/${refund.refund_id}`)).body.data.status).toBe("succeeded");
    expect((await notify(body)).status).toBe(200);
    await told(created.intent_id, "payment.succeeded", "payment.refunded");
    const strange = JSON.stringify({ type: "refund.updated", account_id: account, refund_key: "'--" });
    expect((await notify(strange)).status).toBe(200);
  });
});

describe("a notification that is not the processor's", () => {
  it("is refused with 400, whatever is wrong with it, and changes nothing", async () => {
    const { intent_id, view, attempt } = await challenged();
    await passWithoutComingBack(view.challenge_url);
    const body = news(attempt);
    const right = signed(body);
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    const { "webhook-signature": signature = "" } = right;
    const strange = `whsec_${randomBytes(32).toString("base64")}`;
    const wrong: Record<string, readonly [string | Buffer, Record<string, string>]> = {
      "no headers": [body, {}],
      "no signature": [body, { ...right, "webhook-signature": "" }],
      "another secret": [body, signed(body, { secret: strange })],
      "the merchant's secret": [body, signed(body, { secret: platform.sink.secret })],
      "a changed body": [body.replace("payment", "Payment"), right],
      "another body": [news({ ...attempt, key: randomUUID() }), right],
      "another id": [body, { ...right, "webhook-id": "ntf_other" }],
      "another time": [
        body,
        { ...right, "webhook-timestamp": String(Number(right["webhook-timestamp"]) + 1) },
      ],
      "an old timestamp": [body, signed(body, { at: minutesAgo(6) })],
      "a future timestamp": [body, signed(body, { at: minutesAgo(-6) })],
      "a time that is none": [body, { ...right, "webhook-timestamp": "now" }],
      "a signature cut short": [body, { ...right, "webhook-signature": signature.slice(0, -2) }],
      "a signature of another kind": [
        body,
        { ...right, "webhook-signature": signature.replace("v1,", "v2,") },
      ],
      "very many signatures": [body, { ...right, "webhook-signature": `${"v1,x ".repeat(50)}${signature}` }],
      "an empty body": ["", right],
      "an empty body that is signed": ["", signed("")],
      "bytes that are no text": [Buffer.from([0xff, 0xfe, 0x00]), right],
      "signed news of nothing": ["{}", signed("{}")],
      "signed text that is no JSON": ["{", signed("{")],
      "a signed list": ["[]", signed("[]")],
      "a signed null": ["null", signed("null")],
      "a signed key that is none": [
        news({ ...attempt, key: "'--" }),
        signed(news({ ...attempt, key: "'--" })),
      ],
      "a signed prototype": [
        '{"__proto__":{"type":"payment.updated"}}',
        signed('{"__proto__":{"type":"payment.updated"}}'),
      ],
    };
    for (const [what, [sent, headers]] of Object.entries(wrong)) {
      const { status, body: said } = await notify(sent, headers);
      expect(status, what).toBe(400);
      expect(said, what).toEqual({ success: false, message: expect.stringMatching(/^[A-Z].*\.$/), data: [] });
      expect(JSON.stringify(said), what).not.toContain(attempt.key);
    }
    expect((await platform.merchant.intent(intent_id)).status).toBe("requires_action");
    expect((await notify(body, right)).status).toBe(200);
    expect((await platform.merchant.intent(intent_id)).status).toBe("succeeded");
  });

  it("is said in the log once, and the secret never", () => {
    const said = lines.filter((line) => line.includes("notification was refused"));
    expect(said).toHaveLength(1);
    expect(JSON.parse(said[0] ?? "")).toMatchObject({
      level: 40,
      processor: "sandbox",
      why: expect.any(String),
    });
    expect(lines.join("")).not.toContain(secret.slice("whsec_".length));
  });

  it("is 404 at an unknown processor's address, and 405 for another method", async () => {
    const body = news(await challenged().then(({ attempt }) => attempt));
    for (const name of ["stripe", "Sandbox", "__proto__", "constructor", "%2e%2e", "x".repeat(500)])
      expect((await notify(body, signed(body), { name })).status, name).toBe(404);
    expect((await fetch(`${platform.url}/processors/sandbox/notifications`)).status).toBe(405);
  });

  it("is 413 where it is huge, before it is looked at", async () => {
    const body = news({ account: randomUUID(), key: "x".repeat(300_000) });
    expect((await notify(body)).status).toBe(413);
    const large = news({ account: randomUUID(), key: "x".repeat(200_000) });
    expect((await notify(large)).status).toBe(400);
  });

  it("authentic, but about another account's payment or none: 200, no effect, and a line for the operator", async () => {
    const { intent_id, view, attempt } = await challenged();
    await passWithoutComingBack(view.challenge_url);
    const other = await newMerchant(platform);
    const { intent_id: theirs, payment_url } = await other.createIntent();
    await pay(payment_url, CARDS.challengeThenSucceeds);
    const { account } = await attemptOf(theirs);
    for (const about of [
      { account, key: attempt.key },
      { account: randomUUID(), key: attempt.key },
      { account: attempt.account, key: randomUUID() },
    ])
      expect((await notify(news(about))).status).toBe(200);
    expect((await platform.merchant.intent(intent_id)).status).toBe("requires_action");
    expect((await other.intent(theirs)).status).toBe("requires_action");
    expect(lines.filter((line) => line.includes("not in the books"))).toHaveLength(1);
  });

  it("nor one more than are acted upon at a time: 503, and the others go on", async () => {
    const { intent_id, payment_url } = await platform.merchant.createIntent();
    link.nextCharge("timeout_after");
    await tryToPay(payment_url);
    const body = news(await attemptOf(intent_id));
    const held = Array.from({ length: NOTIFICATIONS.atOnce }, () => link.next("lookUp", "late"));
    const answers = held.map(() => notify(body));
    await Promise.all(held.map(({ struck }) => struck));
    expect(await notify(body)).toMatchObject({ status: 503, retryAfter: "1" });
    for (const { release } of held) release();
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    expect((await notify(body)).status).toBe(200);
    await told(intent_id, "payment.succeeded");
  });

  it("from one address is held up after so many, and that says nothing of another's", async () => {
    const behind = await startPlatform({ trustedProxies: ["127.0.0.1"], misuse: { badNotifications: 3 } });
    const from = (address: string) => notify("{}", { "x-forwarded-for": address }, { url: behind.url });
    for (let time = 0; time < 3; time++) expect((await from("203.0.113.7")).status).toBe(400);
    expect(await from("203.0.113.7")).toMatchObject({ status: 429, retryAfter: expect.any(String) });
    expect((await from("203.0.113.8")).status).toBe(400);
  });
});

describe("the sandbox itself notifies", () => {
  const quickLink = createFaultyLink();
  let quick: TestPlatform;
  beforeAll(async () => {
    quick = await startPlatform({
      sandboxLink: quickLink,
      sandboxWaits: { unansweredMs: 60, challengeMs: 60 },
    });
  });

  it("of a payment whose answer does not come, and of none whose answer got through", async () => {
    const answered = await quick.merchant.createIntent();
    await pay(answered.payment_url);
    const waiting = await quick.merchant.createIntent();
    const late = quickLink.nextCharge("late"); // the platform waits for it, and looks up nothing before it gives up
    const paying = tryToPay(waiting.payment_url);
    await eventually(async () => (await quick.merchant.intent(waiting.intent_id)).status === "succeeded");
    expect(quickLink.calls.filter(({ method }) => method === "lookUp")).toHaveLength(1);
    late.release();
    expect((await paying).status).toBe(200);
    await eventually(() => quick.sink.typesFor(waiting.intent_id).length > 0);
    expect(quick.sink.typesFor(waiting.intent_id)).toEqual(["payment.succeeded"]);
  });

  it("of a challenge from which the customer does not come back", async () => {
    const created = await quick.merchant.createIntent();
    const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
    await passWithoutComingBack(view.challenge_url);
    await eventually(
      async () => (await quick.merchant.intent(created.intent_id)).status === "succeeded",
      5_000,
    );
  });

  it("of a refund whose answer was lost", async () => {
    const created = await quick.merchant.createIntent();
    await pay(created.payment_url);
    quickLink.next("refund", "timeout_after");
    expect((await quick.merchant.post(`/intents/${created.intent_id}/refunds`)).status).toBe(200);
    await eventually(() => quick.sink.of("payment.refunded", created.intent_id)[0]);
  });
});
