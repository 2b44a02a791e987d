/**
 * A challenge that is given up with its intent, while a completion from an earlier reload is still on its way to the
 * processor: should it move the money, the money goes back by itself. Found by the simulation.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Link } from "../../src/processors/sandbox/link.ts";
import { sql } from "../../src/store/sql.ts";
import { CARDS, eventually, pay, startPlatform, type TestPlatform } from "../support/platform.ts";

/** The latest completion, to be sent once more when the test says so; and calls that are to be lost on the way. */
let completeAgain: () => Promise<unknown> = async () => {};
const toLose: string[] = [];

const link: Link = {
  async carry(call, send) {
    if (toLose[0] === call.method) {
      toLose.shift();
      throw new Error("lost");
    }
    if (call.method === "complete") completeAgain = send;
    return await send();
  },
};

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ sandboxLink: link });
});

/** An intent whose customer has reloaded the page, and then passed the challenge without coming back. */
async function passedWithoutComingBack() {
  const created = await platform.merchant.createIntent();
  const view = await pay(created.payment_url, CARDS.challengeThenSucceeds);
  expect((await fetch(`${created.payment_url}?returned=1`)).status).toBe(200);
  const answered = await fetch(view.challenge_url ?? "", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "result=complete",
    redirect: "manual",
  });
  expect(answered.status).toBe(303);
  return created;
}

async function paymentOf(intentId: string) {
  const [row] = await platform.running.platform.db.query<{
    status: string;
    refunded: bigint;
    charge: string;
    due: unknown;
  }>(sql`
    select p.status, p.refunded, c.status as charge, c.look_up_at as due
      from charges c join sandbox.payments p on p.account_id = c.account_id and p.idempotency_key = c.attempt_key
     where c.intent_id = ${intentId.slice("pi_".length)}`);
  return row;
}

describe("a cancelled payment whose challenge was open", () => {
  it("gives the money back that an earlier completion moves before the processor has heard of the cancel", async () => {
    const { merchant, sink } = platform;
    const created = await passedWithoutComingBack();
    toLose.push("abandon");
    await completeAgain();
    expect((await merchant.post(`/intents/${created.intent_id}/cancel`)).status).toBe(200);
    const told = await eventually(() => sink.of("payment.refunded", created.intent_id)[0]);
    expect(told.payload).toMatchObject({ reason: "late_success", amount: "80.00" });
    expect((await merchant.intent(created.intent_id)).status).toBe("cancelled");
    expect(await paymentOf(created.intent_id)).toMatchObject({
      status: "succeeded",
      refunded: 8_000n,
      charge: "late",
    });
    expect(sink.typesFor(created.intent_id)).toEqual(["payment.canceled", "payment.refunded"]);
  });

  it("is made void at the processor, however often that is lost on the way, and then completes no more", async () => {
    const { merchant, sink } = platform;
    const created = await passedWithoutComingBack();
    toLose.push("abandon", "lookUp", "abandon");
    expect((await merchant.post(`/intents/${created.intent_id}/cancel`)).status).toBe(200);
    await merchant.advance({ seconds: 60 });
    expect(toLose).toEqual([]);
    expect(await paymentOf(created.intent_id)).toMatchObject({
      status: "voided",
      charge: "failed",
      due: null,
    });
    await completeAgain();
    await merchant.advance({ seconds: 86_400 });
    expect(await paymentOf(created.intent_id)).toMatchObject({
      status: "voided",
      charge: "failed",
      due: null,
    });
    expect(sink.typesFor(created.intent_id)).toEqual(["payment.canceled"]);
  });
});
