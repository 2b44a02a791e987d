import { expect, test } from "vitest";
import { findWrongs } from "../support/audit.ts";
import { eventually, type Merchant } from "../support/platform.ts";
import { openSink, type Sink } from "../support/sink.ts";
import {
  afterThisTest,
  databaseOf,
  type Mintro,
  merchantAt,
  query,
  startMintro,
  stopMintro,
  useSeed,
} from "./mintro.ts";
import { expectKept, startTraffic } from "./traffic.ts";

const LANES = 24;
const seeded = useSeed();

async function start(dataDir: string, sink: Sink): Promise<{ mintro: Mintro; merchant: Merchant }> {
  const mintro = startMintro({
    dataDir,
    env: { MINTRO_WEBHOOK_URL: sink.url, MINTRO_WEBHOOK_SECRET: sink.secret },
  });
  return { mintro, merchant: await merchantAt(mintro) };
}

test("SIGTERM under load loses no request that was accepted, nor a webhook: what had an effect was answered, the rest had none", async () => {
  const dataDir = await seeded();
  const sink = await openSink();
  afterThisTest(() => sink.close());
  // Some tries are under way at any time.
  sink.answer(() => new Promise((resolve) => setTimeout(resolve, 40, 200)));
  const { mintro, merchant } = await start(dataDir, sink);
  const traffic = startTraffic(merchant, { lanes: LANES, persistent: false });
  await eventually(() => traffic.served() > 2 * LANES, 30_000);

  const askedAt = performance.now();
  await stopMintro(mintro); // code 0, its database gone
  expect(performance.now() - askedAt).toBeLessThan(10_000);
  const told = await traffic.stop();
  expect(told.filter(({ created }) => created === null).length).toBe(LANES);
  expect(mintro.logLines().filter(({ level }) => Number(level) >= 40)).toEqual([]);

  sink.answer(200);
  const again = await start(dataDir, sink);
  await expectKept(again.merchant, told);
  const database = await databaseOf(again.mintro);
  await eventually(async () => {
    const [row] = await query(database, "select count(*) from deliveries where status = 'pending'");
    return Number(row?.["count"]) === 0;
  });
  const paid = told.filter((one) => one.paid?.status === 200);
  const heard = new Set(sink.of("payment.succeeded").map(({ payload }) => payload["intent_id"]));
  for (const { created } of paid) expect(heard).toContain(created?.body.data.intent_id);
  expect(await findWrongs(database)).toEqual([]);
  await stopMintro(again.mintro);
});
