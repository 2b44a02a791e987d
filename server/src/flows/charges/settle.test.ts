/** Two who learn what became of a charge at the same moment: one settles it, and the other finds it settled. */
import { expect, test } from "vitest";
import { createFaultyLink } from "../../../test/support/faulty-link.ts";
import { CARDS, pay, startPlatform, subscribe } from "../../../test/support/platform.ts";
import { booksOf } from "../../domain/account.ts";
import type { AccountId, ChargeId } from "../../domain/ids.ts";
import { findAccount } from "../../store/accounts.ts";
import { findCharge } from "../../store/charges.ts";
import type { Tx } from "../../store/database.ts";
import { type Sql, sql } from "../../store/sql.ts";
import type { Platform } from "../platform.ts";
import { sentAttempt } from "./attempt.ts";
import { settle } from "./settle.ts";

test("a renewal that is settled between another's looks at its charge and at its subscription is settled once", async () => {
  const link = createFaultyLink();
  const { running, merchant } = await startPlatform({ sandboxLink: link });
  const { platform } = running;
  const { subscriptionId } = await subscribe({ merchant }, { intervalDays: 1 });
  const answer = link.nextCharge("late");
  const advanced = merchant.advance({ seconds: 86_400 });
  await answer.struck;

  const { charge, books, outcome } = await underWay(platform, 1);
  const halted = haltAfterCharge(platform);
  const told = settle(halted.platform, books, charge, outcome);
  await halted.isThere;
  answer.release();
  await advanced;
  halted.goOn();
  expect(await told).toBe(false);

  const { data: events } = (await merchant.get("/events")).body;
  const renewals = events.filter((event: { event: string }) => event.event === "subscription.renewed");
  expect(renewals).toHaveLength(1);
  const { body } = await merchant.get(`/subscriptions/${subscriptionId}`);
  expect(body.data).toMatchObject({ status: "active", current_cycle: 1 });
});

test("a first charge that is declined, and followed by another, between two such looks is settled once", async () => {
  const link = createFaultyLink();
  const { running, merchant } = await startPlatform({ sandboxLink: link });
  const { platform } = running;
  const { intent_id, payment_url } = await merchant.createIntent();
  const answer = link.nextCharge("late");
  const declined = pay(payment_url, CARDS.declined);
  await answer.struck;

  const { charge, books, outcome } = await underWay(platform, 0);
  const halted = haltAfterCharge(platform);
  const told = settle(halted.platform, books, charge, outcome);
  await halted.isThere;
  answer.release();
  await declined;
  const second = link.nextCharge("late");
  const paid = pay(payment_url, CARDS.visa);
  await second.struck;
  halted.goOn();
  expect(await told).toBe(false);
  second.release();
  expect((await paid).status).toBe("succeeded");
  expect((await merchant.intent(intent_id)).charges).toHaveLength(2);
});

/** The charge of a cycle that has been sent and not settled, and what the processor knows of it. */
async function underWay(platform: Platform, cycle: number) {
  const [sent] = await platform.db.query<{ accountId: AccountId; chargeId: ChargeId }>(sql`
    select account_id as "accountId", charge_id as "chargeId" from charges
     where cycle = ${cycle} and status = 'pending'`);
  const charge = sent && (await findCharge(platform.db, sent.accountId, sent.chargeId));
  const account = sent && (await findAccount(platform.db, sent.accountId));
  if (charge?.status !== "pending" || !account) throw new Error("The charge is under way.");
  const attempt = await sentAttempt(platform, account, charge);
  const outcome = await platform.processors.find("sandbox")?.lookUp(attempt);
  if (outcome?.kind !== "succeeded" && outcome?.kind !== "declined") throw new Error("It is known.");
  return { charge, books: booksOf(account, platform.world), outcome };
}

/** The same platform, whose first transaction halts when it has read a charge. */
function haltAfterCharge(platform: Platform) {
  const there = Promise.withResolvers<void>();
  const on = Promise.withResolvers<void>();
  const halting = (tx: Tx) =>
    ({
      async query<Row>(statement: Sql) {
        const rows = await tx.query<Row>(statement);
        if (/\bfrom charges\b/.test(statement.sql)) {
          there.resolve();
          await on.promise;
        }
        return rows;
      },
    }) as Tx;
  const db: Platform["db"] = {
    ...platform.db,
    transaction: (work) => platform.db.transaction((tx) => work(halting(tx))),
  };
  return { platform: { ...platform, db }, isThere: there.promise, goOn: on.resolve };
}
