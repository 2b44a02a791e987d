import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { eventually, pay, startPlatform, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

/** Nobody writes to the keys until `release`; reading goes on. */
async function holdKeys(): Promise<{ waiting(): Promise<number>; release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: platform.databaseUrl });
  await client.connect();
  await client.query("begin; lock table idempotency_keys in share mode");
  return {
    async waiting() {
      const { rows } = await client.query<{ waiting: string }>(
        "select count(*) as waiting from pg_locks where relation = 'idempotency_keys'::regclass and not granted",
      );
      return Number(rows[0]?.waiting);
    },
    release: () => client.end(),
  };
}

test("of two advances at once under one key, the second gets the first's answer, also just before that is kept", async () => {
  const { merchant, sink } = platform;
  sink.answer(500);
  const { intent_id, payment_url } = await merchant.createIntent();
  await pay(payment_url);
  await eventually(() => sink.of("payment.succeeded", intent_id).length === 1);
  const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  sink.answer(async () => {
    reached.resolve();
    await gate.promise;
    return 200;
  });
  const ask = () => merchant.post("/test/clock/advance", { seconds: 60 }, { "idempotency-key": "once" });
  const first = ask();
  await reached.promise;
  const second = ask();
  const hold = await holdKeys();
  gate.resolve();
  await eventually(async () => (await hold.waiting()) > 0);
  // As long as the second would take to run ahead, were it let to.
  await eventually(async () => (await hold.waiting()) > 1, 500).catch(() => undefined);
  await hold.release();
  const answers = await Promise.all([first, second]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers[1].text).toBe(answers[0].text);
  expect(answers[1].headers.get("idempotency-replayed")).toBe("true");
});
