/**
 * Several requests with one Idempotency-Key in one batch, on a real database (contract section 2): what each is told follows
 * from what became of the first. Calls of one turn make one batch (base/batcher.ts), so that each case happens every time.
 */
import { createHash, randomUUID } from "node:crypto";
import { validateCreateIntent } from "@mintro/contract/create-intent";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { type Instant, plusMs } from "../../base/instant.ts";
import { CREATE_BATCH, DATABASE, IDEMPOTENCY } from "../../base/limits.ts";
import { createLog } from "../../base/log.ts";
import { realWorld } from "../../base/world.ts";
import { type Books, booksOf } from "../../domain/account.ts";
import type { AccountId, MerchantId } from "../../domain/ids.ts";
import { type OpenDatabase, openDatabase } from "../../store/database.ts";
import type { Platform } from "../platform.ts";
import { type CreateAnswer, createIntentCreator } from "./create.ts";

let database: TestDatabase;
let db: OpenDatabase;
/** Another process. */
let other: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, log: createLog("silent"), applicationName: "test" });
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
});
afterAll(async () => {
  await other.end();
  await db.close();
  await database.drop();
});

/** How far wall time is ahead, and how much each look at it takes. */
let ahead: { ms: number; perLookMs: number };
/** A new one for each test. */
let books: Books;
let create: (body: Body, key?: string | null, onPresent?: () => void) => Promise<CreateAnswer>;
beforeEach(() => {
  const real = realWorld();
  ahead = { ms: 0, perLookMs: 0 };
  const now = (): Instant => {
    ahead.ms += ahead.perLookMs;
    return plusMs(real.now(), ahead.ms);
  };
  const world = { ...real, now };
  const accountId = randomUUID() as AccountId;
  books = booksOf(
    {
      accountId,
      merchantId: randomUUID() as MerchantId,
      mode: "test",
      name: "Merchant",
      clock: { state: "running", offsetMicros: 0n },
    },
    world,
  );
  const platform = { db, world, processors: { forMode: () => ({}) } } as unknown as Platform;
  const creator = createIntentCreator(platform);
  create = (body, key = KEY, onPresent = () => {}) => {
    const input = validateCreateIntent(body);
    if (!input.ok) throw new Error(JSON.stringify(input.errors));
    const fingerprint = createHash("sha256").update(JSON.stringify(body)).digest();
    const present = () => {
      onPresent();
      return `{"reference_id":"${body.reference_id}"}`;
    };
    return creator.create({
      books,
      input: input.value,
      keyed: key === null ? null : { key, fingerprint },
      present,
    });
  };
});

const KEY = "key";
type Body = ReturnType<typeof aBody>;
/** One request's body: another reference is another request. */
function aBody(reference_id: string = randomUUID()) {
  return {
    amount: 80,
    currency: "USD",
    intent_type: "one_time",
    email: "customer@example.com",
    name: "John Doe",
    reference_id,
    integration_type: "iframe",
    order_items: [{ name: "Product 1", quantity: 1, price: 50 }],
  };
}

/** What an answer says, in a word. */
function told(answer: CreateAnswer): string {
  if (!answer.ok) return answer.failure.kind;
  return answer.value.replayed ? "replayed" : "created";
}

const all = async (answers: readonly Promise<CreateAnswer>[]) => (await Promise.all(answers)).map(told);
const times = <T>(count: number, one: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => one(at));

async function references(): Promise<string[]> {
  const { accountId } = books.account;
  const query = "select reference_id from intents where account_id = $1 order by created_at, reference_id";
  return (await other.query(query, [accountId])).rows.map((row) => row.reference_id);
}

/** A body whose reference is taken, so that its creation is refused. */
async function aRefused(): Promise<Body> {
  const body = aBody();
  expect(told(await create(body, null))).toBe("created");
  return body;
}

describe("with the first of a batch", () => {
  test("created: the same request gets its answer, every other one is refused", async () => {
    const [one, two, three] = [aBody(), aBody(), aBody()];
    const answers = await Promise.all([one, two, one, three, two, one].map((body) => create(body)));
    expect(answers.map(told)).toEqual([
      "created",
      "key_reused",
      "replayed",
      "key_reused",
      "key_reused",
      "replayed",
    ]);
    const bodies = answers.flatMap((answer) => (answer.ok ? [answer.value.body] : []));
    expect(new Set(bodies)).toEqual(new Set([`{"reference_id":"${one.reference_id}"}`]));
    expect(await references()).toEqual([one.reference_id]);
  });

  test("finding its key used by another body: those of that body get its answer, all others are refused", async () => {
    const [won, lost, late] = [aBody(), aBody(), aBody()];
    expect(told(await create(won))).toBe("created");
    const answers = [lost, won, late, won, lost].map((body) => create(body));
    expect(await all(answers)).toEqual(["key_reused", "replayed", "key_reused", "replayed", "key_reused"]);
    expect(await references()).toEqual([won.reference_id]);
  });

  test("finding its key used by the same request: it is replayed, and others are refused", async () => {
    const [won, lost] = [aBody(), aBody()];
    expect(told(await create(won))).toBe("created");
    expect(await all([won, lost, won].map((body) => create(body)))).toEqual([
      "replayed",
      "key_reused",
      "replayed",
    ]);
  });

  test("refused for its own sake: the same request is too, and the next body is looked at by itself", async () => {
    const [refused, next, late] = [await aRefused(), aBody(), aBody()];
    const answers = [refused, next, refused, late, next].map((body) => create(body));
    expect(await all(answers)).toEqual([
      "reference_taken",
      "created",
      "reference_taken",
      "key_reused",
      "replayed",
    ]);
    expect(await references()).toEqual([refused.reference_id, next.reference_id]);
    expect(told(await create(next))).toBe("replayed");
  });

  test("refused, and with it all but the last: that one is created", async () => {
    const refused = await Promise.all(times(5, aRefused));
    const good = aBody();
    const answers = [...refused, good, ...refused].map((body) => create(body));
    const refusals = refused.map(() => "reference_taken");
    expect(await all(answers)).toEqual([...refusals, "created", ...refused.map(() => "reference_taken")]);
  });

  test("refused, and so is every other one: nothing is left, and the key is free", async () => {
    const refused = await Promise.all(times(CREATE_BATCH.size + 10, aRefused));
    expect(new Set(await all(refused.map((body) => create(body))))).toEqual(new Set(["reference_taken"]));
    expect(told(await create(aBody()))).toBe("created");
  });
});

test("of sixty bodies under one key exactly one is created, and all others are refused", async () => {
  const answers = await all(times(60, () => create(aBody())));
  expect(answers.filter((answer) => answer === "created")).toHaveLength(1);
  expect(answers.filter((answer) => answer === "key_reused")).toHaveLength(59);
});

test("what is the matter with one key is nobody else's: others of the batch are answered as if alone", async () => {
  const refused = await aRefused();
  const mine = aBody();
  const answers = [
    create(refused),
    create(aBody(), null),
    create(aBody()),
    create(mine, "mine"),
    create(mine, "mine"),
    create(aBody(), null),
  ];
  expect(await all(answers)).toEqual([
    "reference_taken",
    "created",
    "created",
    "created",
    "replayed",
    "created",
  ]);
});

describe("a request that is put off", () => {
  test("is told to try again once its half minute is over", async () => {
    const refused = await aRefused();
    const tooLate = () => {
      ahead.ms = DATABASE.lockTimeoutMs + 1;
    };
    const answers = [create(refused, KEY, tooLate), create(aBody()), create(refused)];
    expect(await all(answers)).toEqual(["reference_taken", "key_busy", "reference_taken"]);
    expect(told(await create(aBody()))).toBe("created");
  });

  test("and just before that, it is not", async () => {
    const refused = await aRefused();
    const late = () => {
      ahead.ms = DATABASE.lockTimeoutMs - 5_000;
    };
    expect(await all([create(refused, KEY, late), create(aBody())])).toEqual(["reference_taken", "created"]);
  });
});

describe("while another process holds the key", () => {
  /** Writes the key and neither commits nor rolls back, until the test does. */
  async function holdKey(body: Body = aBody()) {
    await other.query("begin");
    await other.query(
      `insert into idempotency_keys (account_id, key, fingerprint, answer, created_at)
       values ($1, $2, sha256(convert_to($3, 'UTF8')), '"theirs"', clock_timestamp())`,
      [books.account.accountId, KEY, JSON.stringify(body)],
    );
  }
  const isWaiting = async (): Promise<boolean> => {
    const query = `select 1 from pg_stat_activity
      where datname = current_database() and application_name = 'test' and wait_event = 'transactionid'`;
    return (await other.query(query)).rows.length > 0;
  };
  const untilWaiting = () => expect.poll(isWaiting, { timeout: 10_000, interval: 10 }).toBe(true);

  test("all wait for it, and are judged by its request", async () => {
    const [theirs, ours] = [aBody(), aBody()];
    await holdKey(theirs);
    const answers = all([ours, theirs, ours, theirs].map((body) => create(body)));
    await untilWaiting();
    await other.query("commit");
    expect(await answers).toEqual(["key_reused", "replayed", "key_reused", "replayed"]);
  });

  test("and then gives it up, the first of them takes it", async () => {
    const [theirs, ours] = [aBody(), aBody()];
    await holdKey(theirs);
    const answers = all([ours, theirs, ours, theirs].map((body) => create(body)));
    await untilWaiting();
    await other.query("rollback");
    expect(await answers).toEqual(["created", "key_reused", "replayed", "key_reused"]);
  });

  test("beyond the half minute of one, that one is told so, the others of its batch are created", async () => {
    await holdKey();
    const [old, mine] = [aBody(), aBody()];
    const early = [create(old), create(mine, "mine"), create(old), create(aBody(), null)];
    ahead.ms = DATABASE.lockTimeoutMs - IDEMPOTENCY.lastTryMs;
    expect(await all(early)).toEqual(["key_busy", "created", "key_busy", "created"]);
    await other.query("rollback");
    expect(told(await create(old))).toBe("created");
  });

  test("each waits for a half minute of its own", async () => {
    await holdKey();
    const [old, young] = [aBody(), aBody()];
    const early = [create(old), create(old)];
    ahead.ms = DATABASE.lockTimeoutMs - IDEMPOTENCY.lastTryMs;
    const later = [create(young), create(young), create(old)];
    expect(await all(early)).toEqual(["key_busy", "key_busy"]);
    await untilWaiting();
    await other.query("rollback");
    expect(await all(later)).toEqual(["created", "replayed", "key_reused"]);
  });
});

test("a key that turns a day old while it is looked up is either remembered or free", async () => {
  const first = aBody();
  expect(told(await create(first))).toBe("created");
  const answers: string[] = [];
  // Each look at the clock is a second later than the one before, so the day ends between two of them.
  for (let seconds = 8; seconds > 0; seconds--) {
    ahead = { ms: IDEMPOTENCY.rememberedMs - seconds * 1_000, perLookMs: 1_000 };
    answers.push(told(await create(first)));
  }
  expect(new Set(answers)).toEqual(new Set(["replayed", "reference_taken"]));
});
