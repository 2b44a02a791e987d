import { expect, test } from "vitest";
import {
  afterThisTest,
  crash,
  databaseOf,
  endOf,
  merchantAt,
  query,
  startMintro,
  useSeed,
} from "../processes/mintro.ts";
import { findWrongs } from "../support/audit.ts";
import { type Merchant, subscribe } from "../support/platform.ts";
import { openSink, type Sink } from "../support/sink.ts";
import { holdTable } from "./table-lock.ts";

const seeded = useSeed();
const DAY = 86_400;

async function openedSink(): Promise<Sink> {
  const sink = await openSink();
  afterThisTest(() => sink.close());
  return sink;
}

test("killed while the clock advances: the same request goes on to where it was going, and each cycle is charged once", async () => {
  const sink = await openedSink();
  const dataDir = await seeded();
  const start = () =>
    startMintro({ dataDir, env: { MINTRO_WEBHOOK_URL: sink.url, MINTRO_WEBHOOK_SECRET: sink.secret } });
  let mintro = start();
  let merchant: Merchant = await merchantAt(mintro);
  const { intentId } = await subscribe({ merchant });
  const from = Date.parse(await merchant.clockNow());
  const request = () =>
    merchant.post("/test/clock/advance", { seconds: 130 * DAY }, { "idempotency-key": "to-the-fifth-month" });

  // First in the middle of the first renewal's delivery,
  const asked = Promise.withResolvers<void>();
  sink.answer(({ event }) => {
    if (event !== "subscription.renewed") return 200;
    asked.resolve();
    return new Promise(() => {});
  });
  let cutOff = endOf(request());
  await asked.promise;
  await crash(mintro);
  expect(await cutOff).toBe("cut off");
  sink.answer(200);

  // then before the processor took the second one's charge,
  mintro = start();
  merchant = await merchantAt(mintro);
  const before = await holdTable(await databaseOf(mintro), "sandbox.payments");
  cutOff = endOf(request());
  await before.reached();
  await crash(mintro);
  expect(await cutOff).toBe("cut off");

  // then in the middle of a settlement.
  mintro = start();
  merchant = await merchantAt(mintro);
  const settling = await holdTable(await databaseOf(mintro), "ledger_entries");
  cutOff = endOf(request());
  await settling.reached();
  await crash(mintro);
  expect(await cutOff).toBe("cut off");

  mintro = start();
  merchant = await merchantAt(mintro);
  const reply = await request();
  expect(reply.status, reply.text).toBe(200);
  expect(reply.body.data.done).toBe(true);
  const days = (Date.parse(reply.body.data.now) - from) / (DAY * 1_000);
  expect(days).toBeGreaterThanOrEqual(130);
  expect(days).toBeLessThan(130.01);
  const again = await request();
  expect([again.text, again.headers.get("idempotency-replayed")]).toEqual([reply.text, "true"]);

  const told = new Set(sink.of("subscription.renewed", intentId).map(({ id }) => id));
  expect(told.size).toBe(4);
  const database = await databaseOf(mintro);
  expect(await query(database, "select cycle, status from charges order by cycle")).toEqual(
    [0, 1, 2, 3, 4].map((cycle) => ({ cycle, status: "succeeded" })),
  );
  expect(await query(database, "select 1 from sandbox.payments where status = 'succeeded'")).toHaveLength(5);
  expect(await findWrongs(database)).toEqual([]);
});
