/** Idempotency around a command, on a real database: the key commits with the effect, or not at all (contract section 2). */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import { plusMs } from "../base/instant.ts";
import { IDEMPOTENCY } from "../base/limits.ts";
import { createLog } from "../base/log.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { realWorld } from "../base/world.ts";
import type { AccountId } from "../domain/ids.ts";
import { type Db, Overtaken, openDatabase, type Tx } from "../store/database.ts";
import { sql } from "../store/sql.ts";
import { type Keyed, once } from "./once.ts";
import type { Platform } from "./platform.ts";

const ACCOUNT = randomUUID() as AccountId;
let database: TestDatabase;
let db: Db;
let platform: Platform;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, log: createLog("silent"), applicationName: "test" });
  platform = { db, world: realWorld() } as Platform;
  await db.query(sql`create table effects (name text not null)`);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const command = (body: string, key = randomBytes(8).toString("hex")): Keyed => ({
  key,
  fingerprint: createHash("sha256").update(body).digest(),
});
/** A command whose effect is one row. */
const effect =
  (name: string, answer: Result<string, { kind: string }> = ok(`"${name}"`)) =>
  async (tx: Tx) => {
    await tx.query(sql`insert into effects (name) values (${name})`);
    return answer;
  };
async function effects(name: string): Promise<number> {
  return (await db.query(sql`select 1 from effects where name = ${name}`)).length;
}

describe("a command with a key", () => {
  test("has its effect once, and is answered the same each time", async () => {
    const keyed = command("a");
    const first = await once(platform, ACCOUNT, keyed, effect("once"));
    expect(first).toEqual(ok({ body: '"once"', replayed: false }));
    const again = await once(platform, ACCOUNT, keyed, effect("once", ok('"another"')));
    expect(again).toEqual(ok({ body: '"once"', replayed: true }));
    expect(await effects("once")).toBe(1);
  });

  test("has its effect once also when it is sent twenty times at the same moment", async () => {
    const keyed = command("b");
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => once(platform, ACCOUNT, keyed, effect("at once"))),
    );
    expect(answers.filter((answer) => answer.ok && !answer.value.replayed)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.ok && answer.value.body))).toEqual(new Set(['"at once"']));
    expect(await effects("at once")).toBe(1);
  });

  test("that was used for another request is refused without an effect", async () => {
    const keyed = command("c");
    await once(platform, ACCOUNT, keyed, effect("first"));
    const other = await once(platform, ACCOUNT, command("d", keyed.key), effect("second"));
    expect(other).toEqual(fail({ kind: "key_reused" }));
    expect(await effects("second")).toBe(0);
  });

  test("is another one in another account", async () => {
    const keyed = command("e");
    await once(platform, ACCOUNT, keyed, effect("here"));
    const there = await once(platform, randomUUID() as AccountId, keyed, effect("there"));
    expect(there).toEqual(ok({ body: '"there"', replayed: false }));
  });
});

describe("a command that does not succeed leaves its key free", () => {
  test("when it is refused: nothing of it stays, and sent again it is looked at anew", async () => {
    const keyed = command("f");
    const refused = await once(platform, ACCOUNT, keyed, effect("refused", fail({ kind: "no" })));
    expect(refused).toEqual(fail({ kind: "no" }));
    expect(await effects("refused")).toBe(0);
    expect(await once(platform, ACCOUNT, keyed, effect("refused"))).toEqual(
      ok({ body: '"refused"', replayed: false }),
    );
  });

  test("when it throws", async () => {
    const keyed = command("g");
    const broken = once(platform, ACCOUNT, keyed, async (tx) => {
      await effect("broken")(tx);
      throw new Error("broken");
    });
    await expect(broken).rejects.toThrow("broken");
    expect(await effects("broken")).toBe(0);
    expect(await once(platform, ACCOUNT, keyed, effect("broken"))).toMatchObject({ ok: true });
  });
});

test("a key that turns a day old while it is looked up is either remembered or free, never busy", async () => {
  const keyed = command("day");
  await once(platform, ACCOUNT, keyed, effect("day"));
  const answers: unknown[] = [];
  for (let seconds = 6; seconds > 0; seconds--) {
    // Each look at the clock is a second later than the one before, so the day ends between two of them.
    let aheadMs = IDEMPOTENCY.rememberedMs - seconds * 1_000;
    const now = () => {
      aheadMs += 1_000;
      return plusMs(platform.world.now(), aheadMs);
    };
    const later = { ...platform, world: { ...platform.world, now } };
    answers.push(await once(later, ACCOUNT, keyed, effect("day", ok('"next day"'))));
  }
  expect(answers).toContainEqual(ok({ body: '"day"', replayed: true }));
  expect(answers).toContainEqual(ok({ body: '"next day"', replayed: false }));
  expect(answers).not.toContainEqual(fail({ kind: "key_busy" }));
});

test("a command whose first run is rolled back while another waits for it lets that one have its effect", async () => {
  const keyed = command("waits");
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: claimed, resolve: hasClaimed } = Promise.withResolvers<void>();
  const first = once(platform, ACCOUNT, keyed, async (tx) => {
    await effect("waits")(tx);
    hasClaimed();
    await held;
    return fail({ kind: "no" });
  });
  await claimed;
  const others = Array.from({ length: 5 }, () => once(platform, ACCOUNT, keyed, effect("waits")));
  await expect
    .poll(async () => {
      const query = sql`select 1 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%idempotency_keys%'`;
      return (await db.query(query)).length;
    })
    .toBe(others.length);
  letGo();
  expect(await first).toEqual(fail({ kind: "no" }));
  const answers = await Promise.all(others);
  expect(answers.every((answer) => answer.ok)).toBe(true);
  expect(answers.filter((answer) => answer.ok && !answer.value.replayed)).toHaveLength(1);
  expect(await effects("waits")).toBe(1);
});

test("a command that was overtaken runs again from its start, and only the last run counts", async () => {
  let runs = 0;
  const answer = await once(platform, ACCOUNT, command("h"), async (tx) => {
    runs++;
    await effect("overtaken")(tx);
    if (runs < 3) throw new Overtaken("somebody was first");
    return ok(`${runs}`);
  });
  expect(answer).toEqual(ok({ body: "3", replayed: false }));
  expect(await effects("overtaken")).toBe(1);
});

test("a command without a key has its effect each time", async () => {
  for (let times = 0; times < 2; times++) {
    expect(await once(platform, ACCOUNT, null, effect("keyless"))).toMatchObject({
      value: { replayed: false },
    });
  }
  expect(await effects("keyless")).toBe(2);
});
