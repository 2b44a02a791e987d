/**
 * Merchants' servers and customers at work, many at a time, who keep what they were told: an intent with a key, then its
 * payment, then the next. It stands for a load, and knows afterwards what must be there.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { anIntent, eventually, type Merchant, type Reply, tryToPay } from "../support/platform.ts";

/** What one of them was told. Null: nothing, since the connection was refused or lost. */
export type Told = {
  readonly reference: string;
  readonly key: string;
  readonly created: Reply | null;
  readonly paid: Reply | null;
  /** How often an answer was 503, and how often there was none. */
  readonly unavailable: number;
  readonly unanswered: number;
};

/** The first look-ups, and a lease that has to run out before. */
const LOST_ANSWER_FOUND_MS = 60_000;

export type Traffic = {
  /** How many have been served to the end so far. */
  served(): number;
  /** Answers 503 so far. */
  unavailable(): number;
  /** Begins nothing more, and gives back what all were told when the last has its answer. */
  stop(): Promise<readonly Told[]>;
};

/** `persistent`: what got 503 or no answer is sent again, under the same key, until it is served. */
export function startTraffic(merchant: Merchant, side: { lanes: number; persistent: boolean }): Traffic {
  const told: Told[] = [];
  let [stopping, unavailable] = [false, 0];

  async function send(ask: () => Promise<Reply>, tally: { unavailable: number; unanswered: number }) {
    for (;;) {
      const reply = await ask().catch(() => null);
      if (reply === null) tally.unanswered++;
      else if (reply.status !== 503) return reply;
      else {
        expect(reply.headers.get("retry-after")).toBe("1");
        tally.unavailable++;
        unavailable++;
      }
      if (!side.persistent) return reply;
      await sleep(25);
    }
  }

  async function lane(): Promise<void> {
    while (!stopping) {
      const reference = randomUUID();
      const key = randomUUID();
      const tally = { unavailable: 0, unanswered: 0 };
      const body = anIntent({ reference_id: reference });
      const created = await send(() => merchant.post("/intents", body, { "idempotency-key": key }), tally);
      const paid =
        created?.status === 200 ? await send(() => tryToPay(created.body.data.payment_url), tally) : null;
      told.push({ reference, key, created, paid, ...tally });
      if (created === null && !side.persistent) return; // nobody is there any more
    }
  }

  const lanes = Array.from({ length: side.lanes }, lane);
  return {
    served: () => told.filter(({ paid }) => paid?.status === 200).length,
    unavailable: () => unavailable,
    async stop() {
      stopping = true;
      await Promise.all(lanes);
      return told;
    },
  };
}

/** Everybody was served, and every intent is paid, or will be when the charge whose answer was lost has been asked after. */
export async function expectAllPaid(merchant: Merchant, told: readonly Told[]): Promise<void> {
  for (const { created, paid } of told) expect([created?.status, paid?.status]).toEqual([200, 200]);
  const left = told.map(({ reference }) => reference);
  const workers = Array.from({ length: 8 }, async () => {
    for (let reference = left.pop(); reference !== undefined; reference = left.pop()) {
      const path = `/intents/reference/${reference}`;
      await eventually(
        async () => (await merchant.get(path)).body.data.status === "succeeded",
        LOST_ANSWER_FOUND_MS,
      );
    }
  });
  await Promise.all(workers);
}

/** Holds what they were told against what is there; `merchant` may be another start of the same platform. */
export async function expectKept(merchant: Merchant, told: readonly Told[]): Promise<void> {
  for (const { reference, created, paid } of told) {
    for (const reply of [created, paid]) if (reply) expect([200, 503], reply.text).toContain(reply.status);
    const there = await merchant.get(`/intents/reference/${reference}`);
    if (created?.status !== 200) {
      // Not served, and not done.
      expect(there.status, reference).toBe(404);
      continue;
    }
    expect(there.status, reference).toBe(200);
    const { intent_id, status, charges } = there.body.data;
    expect(intent_id).toBe(created.body.data.intent_id);
    if (paid?.status === 200) expect(status).toBe("succeeded");
    else expect([status, charges]).toEqual(["requires_payment", []]);
  }
}
