import { beforeEach, describe, expect, test } from "vitest";
import { FIRST_LOOK_UP_MS } from "../../src/domain/charge.ts";
import {
  afterThisTest,
  crash,
  databaseOf,
  endOf,
  type Mintro,
  merchantAt,
  query,
  startMintro,
  useSeed,
} from "../processes/mintro.ts";
import { findWrongs } from "../support/audit.ts";
import { eventually, type Merchant, pay, tryToPay } from "../support/platform.ts";
import { openSink, type Sink } from "../support/sink.ts";
import { holdTable } from "./table-lock.ts";

const seeded = useSeed();

let sink: Sink;
let dataDir: string;
let mintro: Mintro;
let merchant: Merchant;

const start = async () => {
  mintro = startMintro({
    dataDir,
    env: { MINTRO_WEBHOOK_URL: sink.url, MINTRO_WEBHOOK_SECRET: sink.secret },
  });
  merchant = await merchantAt(mintro);
};

beforeEach(async () => {
  sink = await openSink();
  afterThisTest(() => sink.close());
  dataDir = await seeded();
  await start();
});

/** Paid and told once, whatever was begun before. */
async function expectPaidOnce(intentId: string): Promise<void> {
  expect((await merchant.intent(intentId)).status).toBe("succeeded");
  await eventually(() => sink.of("payment.succeeded", intentId).length > 0);
  const database = await databaseOf(mintro);
  expect(await query(database, "select status, amount::int from sandbox.payments")).toEqual([
    { status: "succeeded", amount: 8_000 },
  ]);
  expect(await query(database, "select status from charges")).toEqual([{ status: "succeeded" }]);
  expect(await findWrongs(database)).toEqual([]);
}

describe("killed while a customer pays", () => {
  test("before anything was written down: the customer pays again", async () => {
    const { intent_id, payment_url } = await merchant.createIntent();
    const hold = await holdTable(await databaseOf(mintro), "charges");
    const paying = begin(payment_url);
    await hold.reached();
    await crash(mintro);
    expect(await paying).toBe("cut off");
    await start();
    expect((await merchant.intent(intent_id)).status).toBe("requires_payment");
    expect((await pay(await here(payment_url))).status).toBe("succeeded");
    await expectPaidOnce(intent_id);
  });

  test("before the processor took it: it is sent again as the same attempt", async () => {
    const { intent_id, payment_url } = await merchant.createIntent();
    const hold = await holdTable(await databaseOf(mintro), "sandbox.payments");
    const paying = begin(payment_url);
    await hold.reached();
    await crash(mintro);
    expect(await paying).toBe("cut off");
    await start();
    await expectUnderWay(intent_id, payment_url, 0);
    await merchant.advance({ seconds: 60 });
    await expectPaidOnce(intent_id);
  });

  test("after the money moved, before the answer was read: it is asked after", async () => {
    const { intent_id, payment_url } = await merchant.createIntent();
    const database = await databaseOf(mintro);
    const before = await holdTable(database, "sandbox.payments");
    const paying = begin(payment_url);
    await before.reached();
    const after = await holdTable(database, "charges");
    await before.release();
    await eventually(async () => (await query(database, "select 1 from sandbox.payments")).length === 1);
    await after.reached();
    await crash(mintro);
    expect(await paying).toBe("cut off");
    await start();
    await expectUnderWay(intent_id, payment_url, 1);
    await merchant.advance({ seconds: 60 });
    await expectPaidOnce(intent_id);
  });

  test("in the middle of the settlement: nothing of it stands, and it is done again", async () => {
    const { intent_id, payment_url } = await merchant.createIntent();
    const hold = await holdTable(await databaseOf(mintro), "ledger_entries");
    const paying = begin(payment_url);
    await hold.reached();
    await crash(mintro);
    expect(await paying).toBe("cut off");
    await start();
    await expectUnderWay(intent_id, payment_url, 1);
    await merchant.advance({ seconds: 60 });
    await expectPaidOnce(intent_id);
  });

  let begunAt = 0;
  function begin(paymentUrl: string): Promise<"answered" | "cut off"> {
    begunAt = performance.now();
    return endOf(tryToPay(paymentUrl));
  }

  /** Nobody knows yet: the page takes no card, and the attempt is not made a second time. */
  async function expectUnderWay(intentId: string, paymentUrl: string, moved: number): Promise<void> {
    if (performance.now() - begunAt > FIRST_LOOK_UP_MS / 2) return; // on so slow a machine it may be found out already
    const { status, body } = await tryToPay(await here(paymentUrl));
    expect([status, body.data.status]).toEqual([200, "processing"]);
    expect((await merchant.intent(intentId)).status).toBe("processing");
    const database = await databaseOf(mintro);
    expect(await query(database, "select 1 from sandbox.payments")).toHaveLength(moved);
    expect(await query(database, "select 1 from charges")).toHaveLength(1);
  }

  /** The link as it is now that the port is another. */
  async function here(paymentUrl: string): Promise<string> {
    return (await mintro.ready()).url + new URL(paymentUrl).pathname;
  }
});

test("killed in the middle of a delivery: the webhook is sent again at the next start, as the same", async () => {
  const { intent_id, payment_url } = await merchant.createIntent();
  const asked = Promise.withResolvers<{ id: string; body: string }>();
  sink.answer((received) => {
    asked.resolve(received);
    return new Promise(() => {});
  });
  expect((await pay(payment_url)).status).toBe("succeeded");
  const first = await asked.promise;
  await crash(mintro);
  sink.answer(200);
  await start();
  const [second] = await eventually(() => {
    const found = sink.of("payment.succeeded", intent_id);
    return found.length > 0 && found;
  });
  expect(second).toMatchObject({ id: first.id, body: first.body, verified: true });
  await eventually(async () => {
    const [delivery] = await query(await databaseOf(mintro), "select status from deliveries");
    return delivery?.["status"] === "delivered";
  });
  expect(await findWrongs(await databaseOf(mintro))).toEqual([]);
});
