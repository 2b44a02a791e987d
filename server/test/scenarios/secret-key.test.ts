/**
 * The secret key is changed while platforms run: what the old key sealed is read, what is new takes the new one, and a command
 * seals the rest anew, however often it is killed. Then the old key may go.
 */
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCipher } from "../../src/base/cipher.ts";
import { realWorld } from "../../src/base/world.ts";
import type { AccountId, EndpointId } from "../../src/domain/ids.ts";
import { resealAll } from "../../src/flows/secrets/reseal.ts";
import { secretContext } from "../../src/flows/webhooks/deliver.ts";
import { newMerchant } from "../support/merchants.ts";
import {
  eventually,
  type Merchant,
  merchantOf,
  pay,
  startPlatform,
  type TestPlatform,
} from "../support/platform.ts";
import { openSink, type Sink } from "../support/sink.ts";

const MINTRO = fileURLToPath(new URL("../../../cli/bin/mintro.mjs", import.meta.url));
const [OLD, NEW] = [randomBytes(32), randomBytes(32)];
const world = realWorld();

type Ended = { readonly code: number | null; readonly out: string; readonly error: string };

/** `mintro secrets rotate` as an operator runs it; `whileItRuns` may end it. */
async function rotate(
  keys: { key: Buffer; previous?: readonly Buffer[] },
  whileItRuns: (kill: () => void) => Promise<void> = async () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [MINTRO, "secrets", "rotate"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      DATABASE_URL: platform.databaseUrl,
      MINTRO_SECRET_KEY: keys.key.toString("base64"),
      MINTRO_PREVIOUS_SECRET_KEYS: (keys.previous ?? []).map((each) => each.toString("base64")).join(","),
    },
  });
  let [out, error] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (error += text.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, out, error }));
  });
  await whileItRuns(() => child.kill("SIGKILL"));
  return await ended;
}

let platform: TestPlatform;
let database: pg.Client;
const others: TestPlatform[] = [];
beforeAll(async () => {
  platform = await startPlatform({ secretKey: OLD, previousSecretKeys: [NEW] });
  database = new pg.Client({ connectionString: platform.databaseUrl });
  await database.connect();
});
// Before the first platform's database is dropped, which the support does.
afterAll(async () => {
  await database.end();
  for (const other of others) await other.stop();
});

/** Another platform on the same database. */
async function startBeside(keys: {
  secretKey: Buffer;
  previousSecretKeys?: readonly Buffer[];
}): Promise<TestPlatform> {
  const { databaseUrl, sink } = platform;
  const started = await startPlatform({ databaseUrl, webhook: { url: sink.url, secret: null }, ...keys });
  others.push(started);
  return started;
}

async function sealsInUse(): Promise<Set<string>> {
  const { rows } = await database.query<{ seal: string }>(
    `select distinct encode(substring(sealed from 1 for 5), 'hex') as seal
       from (select secret as sealed from webhook_endpoints
             union all select previous_secret from webhook_endpoints where previous_secret is not null
             union all select unnest(older_secrets) from webhook_endpoints
             union all select sealed_answer from idempotency_keys where sealed_answer is not null) every_value`,
  );
  return new Set(rows.map(({ seal }) => seal));
}

const sealOf = (key: Buffer) => createCipher(key, world).seal.toString("hex");

describe("two platforms, one with the old key and one with the new", () => {
  let second: TestPlatform;
  let [one, other]: Merchant[] = [];
  let sink: Sink;
  const answers = new Map<string, string>();

  beforeAll(async () => {
    second = await startBeside({ secretKey: NEW, previousSecretKeys: [OLD] });
    sink = await openSink();
    one = await newMerchant(platform);
    other = merchantOf(second.url, one);
  });
  afterAll(() => sink.close());

  it("read what the other sealed: secrets, those before a rotation, and kept answers", async () => {
    if (!one || !other) throw new Error("There are two ways in.");
    const made: [string, string][] = [];
    for (const [at, merchant] of [one, other].entries()) {
      const key = `endpoint-${at}`;
      const reply = await merchant.post("/webhook-endpoints", { url: sink.url }, { "idempotency-key": key });
      expect(reply.status, reply.text).toBe(200);
      answers.set(key, reply.text);
      made.push([key, reply.body.data.endpoint_id]);
    }
    for (const [key, id] of made) {
      for (const merchant of [one, other]) {
        const again = await merchant.post(
          "/webhook-endpoints",
          { url: sink.url },
          { "idempotency-key": key },
        );
        expect([again.text, again.headers.get("idempotency-replayed")]).toEqual([answers.get(key), "true"]);
        expect((await merchant.post(`/webhook-endpoints/${id}/test`)).status).toBe(200);
      }
    }
    const [[, first] = ["", ""]] = made;
    // Two are rotated away: one before the last, and one before that.
    for (const merchant of [one, other])
      expect((await merchant.post(`/webhook-endpoints/${first}/rotate-secret`)).status).toBe(200);
    expect((await one.post(`/webhook-endpoints/${first}/test`)).status).toBe(200);
    expect(await sealsInUse()).toEqual(new Set([sealOf(OLD), sealOf(NEW)]));
  });

  it("go on while all is sealed anew, and every signature stays right", async () => {
    const created = await platform.merchant.createIntent();
    const rotation = rotate({ key: NEW, previous: [OLD] });
    await pay(created.payment_url);
    const { code, out, error } = await rotation;
    expect([code, error]).toEqual([0, ""]);
    expect(out).toContain("MINTRO_PREVIOUS_SECRET_KEYS may go");
    // The sink verifies what it gets with the secret of the environment's endpoint.
    await eventually(() => platform.sink.of("payment.succeeded", created.intent_id)[0]);
    expect(platform.sink.received.filter(({ verified }) => !verified)).toEqual([]);
    expect(await sealsInUse()).toEqual(new Set([sealOf(NEW)]));
  });

  it("leave nothing to the old key: a platform with the new one alone does it all", async () => {
    const third = await startBeside({ secretKey: NEW });
    if (!one) throw new Error("There are two ways in.");
    const merchant = merchantOf(third.url, one);
    for (const [key, text] of answers) {
      const again = await merchant.post("/webhook-endpoints", { url: sink.url }, { "idempotency-key": key });
      expect([again.text, again.headers.get("idempotency-replayed")]).toEqual([text, "true"]);
    }
    await expect(startBeside({ secretKey: OLD })).rejects.toThrow(/^MINTRO_SECRET_KEY .* is not the key/);
  });
});

describe("sealing anew", () => {
  const ROWS = 200;
  const account = randomUUID() as AccountId;
  /** Many endpoints of one account, under the old key; by SQL, since the API allows sixteen. */
  async function fill(key: Buffer): Promise<void> {
    const cipher = createCipher(key, world);
    const ids = Array.from({ length: ROWS }, () => randomUUID() as EndpointId);
    const secrets = ids.map((id) => cipher.encrypt(`whsec_${id}`, secretContext(account, id)));
    await database.query(
      `insert into webhook_endpoints (account_id, endpoint_id, url, secret, from_environment, enabled, disabled_reason,
                                      created_at, subscribed_since)
       select $1::uuid, id, 'http://127.0.0.1:9/', secret, false, false, 'removed', now(), now()
         from unnest($2::uuid[], $3::bytea[]) as given (id, secret)`,
      [account, ids, secrets],
    );
  }
  /** What the command does, without its process. */
  async function leaveAllTo(key: Buffer, previous: readonly Buffer[]): Promise<void> {
    const { db } = platform.running.platform;
    const { unopened } = await resealAll({ db, world, cipher: createCipher(key, world, previous) });
    expect(unopened).toBe(0);
  }

  const clear = () => database.query("delete from webhook_endpoints where account_id = $1", [account]);

  async function countSealed(key: Buffer): Promise<number> {
    const { rows } = await database.query<{ many: number }>(
      `select count(*)::int as many from webhook_endpoints
        where account_id = $1 and encode(substring(secret from 1 for 5), 'hex') = $2`,
      [account, sealOf(key)],
    );
    return rows[0]?.many ?? 0;
  }

  /** Somebody is at this row, so that nobody gets past it. */
  async function holdRow(row: number): Promise<() => Promise<void>> {
    const holder = new pg.Client({ connectionString: platform.databaseUrl });
    await holder.connect();
    await holder.query("begin");
    // By its id: an offset would lock the rows that it skips, too.
    const { rowCount } = await holder.query(
      `select 1 from webhook_endpoints where account_id = $1 and endpoint_id =
              (select endpoint_id from webhook_endpoints where account_id = $1 order by endpoint_id offset $2 limit 1)
          for update`,
      [account, row],
    );
    expect(rowCount).toBe(1);
    return () => holder.end();
  }

  /** Every one opens with `keys`, and is what it was. */
  async function expectAllReadable(keys: readonly [Buffer, ...Buffer[]]): Promise<void> {
    const [key, ...previous] = keys;
    const cipher = createCipher(key, world, previous);
    const { rows } = await database.query<{ endpoint_id: EndpointId; secret: Buffer }>(
      "select endpoint_id, secret from webhook_endpoints where account_id = $1",
      [account],
    );
    expect(rows).toHaveLength(ROWS);
    for (const { endpoint_id: id, secret } of rows)
      expect(cipher.decrypt(secret, secretContext(account, id))).toBe(`whsec_${id}`);
  }

  it("may be killed in the middle, again and again, and is done by the run that ends", async () => {
    const next = randomBytes(32);
    await fill(NEW);
    for (const row of [50, 120]) {
      const letGo = await holdRow(row);
      const { code } = await rotate({ key: next, previous: [NEW] }, async (end) => {
        await eventually(async () => (await countSealed(next)) >= row);
        end();
      });
      expect(code).toBeNull();
      await letGo();
      expect(await countSealed(next)).toBeLessThan(ROWS);
      await expectAllReadable([next, NEW]);
    }
    // Half way, the new key alone opens too little, and the start says so.
    await expect(startBeside({ secretKey: next })).rejects.toThrow(/^MINTRO_SECRET_KEY .* is not the key/);
    const ended = await Promise.all([1, 2].map(() => rotate({ key: next, previous: [NEW] })));
    expect(ended.map(({ code, error }) => [code, error])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    await expectAllReadable([next]);
    const again = await rotate({ key: next });
    expect([again.code, again.out.split("\n")[0]]).toEqual([
      0,
      "Every stored secret is encrypted with the present key.",
    ]);
    await clear();
    await leaveAllTo(NEW, [next]);
  });

  it("without the key that it takes changes nothing, and says so in one line", async () => {
    await fill(OLD);
    const [key, wrong] = [randomBytes(32), randomBytes(32)];
    const { code, out, error } = await rotate({ key, previous: [NEW, wrong] });
    expect([code, out]).toEqual([1, ""]);
    expect(error).toMatch(
      /^200 stored secrets were encrypted with a key that is not given, and left alone: [^\n]*\n$/,
    );
    for (const each of [key, wrong, OLD, NEW]) expect(error).not.toContain(each.toString("base64"));
    await expectAllReadable([OLD]);
    await clear();
    await leaveAllTo(NEW, [key]);
  });

  it("does not bring back a secret that was rotated meanwhile", async () => {
    const merchant = await newMerchant(platform);
    const made = (await merchant.post("/webhook-endpoints", { url: platform.sink.url })).body.data;
    await fill(OLD);
    let underWay = true;
    const sealing = rotate({ key: NEW, previous: [OLD] }).finally(() => (underWay = false));
    const secrets = new Set<string>([made.secret]);
    let newest = "";
    while (underWay) {
      const reply = await merchant.post(`/webhook-endpoints/${made.endpoint_id}/rotate-secret`);
      expect(reply.status, reply.text).toBe(200);
      newest = reply.body.data.secret;
      expect(secrets.has(newest)).toBe(false);
      secrets.add(newest);
      // Five may sign at a time, and more than that are wanted here.
      await database.query(
        "update webhook_endpoints set previous_secret_until = now(), older_secrets = '{}', older_secrets_until = '{}' where endpoint_id = $1",
        [String(made.endpoint_id).slice("we_".length)],
      );
    }
    await sealing; // 0, or 1 where the last rotation under the old key came behind it
    const { rows } = await database.query<{ account_id: AccountId; endpoint_id: EndpointId; secret: Buffer }>(
      "select account_id, endpoint_id, secret from webhook_endpoints where endpoint_id = $1",
      [String(made.endpoint_id).slice("we_".length)],
    );
    const [row] = rows;
    if (!row) throw new Error("The endpoint is there.");
    const cipher = createCipher(NEW, world, [OLD]);
    expect(cipher.decrypt(row.secret, secretContext(row.account_id, row.endpoint_id))).toBe(newest);
    await clear();
  });
});
