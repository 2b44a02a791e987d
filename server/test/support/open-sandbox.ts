/** A sandbox processor on books of its own, for tests that look at it alone. */
import { randomBytes, randomInt } from "node:crypto";
import type { CardInput } from "@mintro/contract/checkout";
import { type Instant, instantFromMs } from "../../src/base/instant.ts";
import { createLog } from "../../src/base/log.ts";
import type { World } from "../../src/base/world.ts";
import {
  type AccountId,
  type AttemptKey,
  newAccountId,
  newAttemptKey,
  newCustomerId,
} from "../../src/domain/ids.ts";
import { newWebhookSecret } from "../../src/domain/webhook-signature.ts";
import type { AttemptRequest } from "../../src/processors/processor.ts";
import type { Link } from "../../src/processors/sandbox/link.ts";
import { NO_OUTBOX } from "../../src/processors/sandbox/outbox.ts";
import { createSandbox, type Sandbox } from "../../src/processors/sandbox/sandbox.ts";
import { type Db, openDatabase } from "../../src/store/database.ts";
import { sql } from "../../src/store/sql.ts";
import { createTestDatabase } from "./database.ts";

export const PUBLIC_URL = "http://pay.test";

/** With which this sandbox signs its notifications. */
export const SECRET = newWebhookSecret(randomBytes);

export type OpenSandbox = {
  readonly sandbox: Sandbox;
  readonly db: Db;
  readonly world: World;
  readonly accountId: AccountId;
  readonly otherAccountId: AccountId;
  readonly newAttemptKey: () => AttemptKey;
  /** Saves a listed number; throws for any other. */
  readonly saveCard: (number: string) => Promise<string>;
  /** 80.00 USD with the customer present, on a new attempt key. */
  readonly request: (token: string, change?: Partial<AttemptRequest>) => AttemptRequest;
  /** The same without the customer. */
  readonly renewal: (token: string) => AttemptRequest;
  readonly close: () => Promise<void>;
};

/** Wall time stands still at `now`, by default in the middle of 2026. */
export async function openSandbox(
  options: { link?: Link; now?: Instant; refusesRefund?: () => Promise<boolean> } = {},
): Promise<OpenSandbox> {
  const database = await createTestDatabase();
  const db = openDatabase({ url: database.url, log: createLog("silent"), applicationName: "sandbox" });
  await warmUp(db);
  const now = options.now ?? instantFromMs(Date.UTC(2026, 5, 15, 12));
  const world: World = { now: () => now, random: randomBytes };
  const ids = { at: now, random: randomBytes };
  const { link, refusesRefund } = options;
  const given = { ...(link && { link }), ...(refusesRefund && { refusesRefund }) };
  const notifications = { secrets: [SECRET] as const, outbox: NO_OUTBOX };
  const sandbox = createSandbox({ db, world, publicUrl: PUBLIC_URL, notifications, ...given });
  const accountId = newAccountId(ids);
  const request: OpenSandbox["request"] = (token, change = {}) => ({
    accountId,
    attemptKey: newAttemptKey(ids),
    amount: 8_000n,
    currency: "USD",
    token,
    customer: { customerId: newCustomerId(ids), email: "customer@example.com", name: "John Doe" },
    offSession: false,
    saveForLater: true,
    returnUrl: "http://pay.test/pay/abc/return",
    description: "Mintro Books",
    ...change,
  });
  return {
    sandbox,
    db,
    world,
    accountId,
    otherAccountId: newAccountId(ids),
    newAttemptKey: () => newAttemptKey(ids),
    saveCard: (number) => saveCard(sandbox, accountId, number),
    request,
    renewal: (token) => request(token, { offSession: true, returnUrl: null }),
    close: async () => {
      await db.close();
      await database.drop();
    },
  };
}

/** Opens some connections, without which calls made at the same moment would wait for theirs and come one by one. */
async function warmUp(db: Db): Promise<void> {
  await Promise.all(Array.from({ length: 8 }, () => db.query(sql`select pg_sleep(0.05)`)));
}

async function saveCard(sandbox: Sandbox, accountId: AccountId, number: string): Promise<string> {
  if (sandbox.collection.by !== "our_form") throw new Error("The sandbox takes cards typed into our form.");
  const saved = await sandbox.collection.saveCard(accountId, aCard({ number }));
  if (!saved.ok) throw new Error(`Refused: ${JSON.stringify(saved.failure)}`);
  return saved.value.token;
}

/** What a customer types who makes no mistake; any code will do. */
export function aCard(change: Partial<CardInput> = {}): CardInput {
  const cvc = String(randomInt(100, 1_000));
  return { name: "John Doe", number: "4242 4242 4242 4242", expiry: "12/34", cvc, ...change };
}

/** The last part of a challenge's address. */
export function challengeId(url: string): string {
  return url.slice(`${PUBLIC_URL}/sandbox/challenges/`.length);
}
