/**
 * The tables refuse what is no state of the domain's (STYLE.md, states): rows that the platform has written, changed into what no
 * flow writes, meet the check that says so. Behind it stand the migrations up to server/migrations/0014_states.sql.
 */
import { readdir, readFile } from "node:fs/promises";
import {
  CHARGE_STATUSES,
  DELIVERY_STATUSES,
  DISABLED_REASONS,
  EVENT_TYPES,
  FAILURE_CODES,
  INTENT_STATUSES,
  PERMISSIONS,
  REFUND_STATUSES,
  SUBSCRIPTION_STATUSES,
} from "@mintro/contract/vocabulary";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase } from "../support/database.ts";
import { CARDS, eventually, pay, startPlatform, subscribe, type TestPlatform } from "../support/platform.ts";

const MIGRATIONS = new URL("../../migrations/", import.meta.url);
const STATES = "0014_states.sql";

let platform: TestPlatform;
let client: Client;
/** One of each: an intent that waits, is challenged, paid, refunded, cancelled; charges, events, deliveries and keys of theirs. */
beforeAll(async () => {
  platform = await startPlatform();
  const { merchant, sink } = platform;
  await merchant.createIntent();
  const refused = await merchant.createIntent();
  await pay(refused.payment_url, CARDS.declined);
  await merchant.post(`/intents/${refused.intent_id}/cancel`, {}, { "idempotency-key": "cancel" });
  await pay((await merchant.createIntent()).payment_url, CARDS.challengeThenSucceeds);
  const { intentId } = await subscribe(platform, { change: { customer_ref_id: "CUST-001" } });
  await merchant.post(`/intents/${intentId}/refunds`, { amount: 10 });
  await eventually(() => sink.of("payment.refunded", intentId).length === 1);
  await merchant.post("/test/clock/advance", { seconds: 60 }, { "idempotency-key": "advance" });
  client = new Client({ connectionString: platform.databaseUrl });
  await client.connect();
});
afterAll(() => client.end());

type Forbidden = readonly [row: string, constraint: string, statement: string];

const notACurrency = (table: string, constraint: string): Forbidden[] =>
  ["usd", "US", "USDT", "US\n"].map((code) => [
    `${table}: a currency ${JSON.stringify(code)}`,
    constraint,
    `update ${table} set currency = '${code}'`,
  ]);

const notACard = (table: string): Forbidden[] => [
  [
    `${table}: a whole card number`,
    `${table}_card_last4_check`,
    setIn(table, "card_last4 = '4242424242424242'"),
  ],
  [`${table}: three digits`, `${table}_card_last4_check`, setIn(table, "card_last4 = '424'")],
  [`${table}: no digits`, `${table}_card_last4_check`, setIn(table, "card_last4 = '٤٢٤٢'")],
  [`${table}: month 77`, `${table}_card_exp_month_check`, setIn(table, "card_exp_month = 77")],
  [`${table}: month 0`, `${table}_card_exp_month_check`, setIn(table, "card_exp_month = 0")],
  [`${table}: year 40`, `${table}_card_exp_year_check`, setIn(table, "card_exp_year = 40")],
];

function setIn(table: string, what: string, where = "true"): string {
  return `update ${table} set ${what} where ${where}`;
}

const account = (columns: string, values: string) =>
  `insert into accounts (account_id, merchant_id, mode, name, created_at, ${columns})
   values (gen_random_uuid(), gen_random_uuid(), 'live', 'Live', now(), ${values})`;

const ACCOUNTS: readonly Forbidden[] = [
  [
    "a live account whose clock stands still",
    "accounts_live_clock_check",
    account("clock_frozen_at, clock_lease_until", "now(), now()"),
  ],
  ["a live account whose clock is moved", "accounts_check", account("clock_offset_us", "1")],
  [
    "a clock that lags",
    "accounts_clock_offset_us_check",
    setIn("accounts", "clock_offset_us = -1", "mode = 'test'"),
  ],
  [
    "a permission that nobody knows",
    "clients_permissions_check",
    setIn("clients", "permissions = permissions || 'intents:delete'::text"),
  ],
  [
    "a permission that is none",
    "clients_permissions_check",
    setIn("clients", "permissions = array['intents:read', null]"),
  ],
  [
    "a command that goes on with what is no time",
    "idempotency_keys_resume_check",
    setIn("idempotency_keys", "resume = '{}'"),
  ],
  [
    "a time without its six decimals",
    "idempotency_keys_resume_check",
    setIn("idempotency_keys", "resume = '2026-01-01T00:00:00Z'"),
  ],
  [
    "a command that goes on though its answer is kept",
    "idempotency_keys_resume_check",
    setIn("idempotency_keys", "answer = null, sealed_answer = '\\x01'", "resume is not null"),
  ],
  [
    "a customer by e-mail who is known by a reference",
    "customers_identity_check",
    setIn("customers", "customer_ref_id = null", "customer_ref_id is not null"),
  ],
  [
    "a customer by reference who is known by another",
    "customers_identity_check",
    setIn("customers", "customer_ref_id = 'CUST-002'", "customer_ref_id is not null"),
  ],
];

const INTENTS: readonly Forbidden[] = [
  ...notACurrency("intents", "intents_currency_check"),
  [
    "an intent that failed before the tenth refusal",
    "intents_failed_check",
    setIn("intents", "status = 'failed'", "status = 'requires_payment'"),
  ],
  [
    "an intent that is payable after it",
    "intents_failed_check",
    setIn("intents", "failed_charges = 10", "status = 'requires_payment'"),
  ],
  [
    "an intent that was paid after it",
    "intents_failed_check",
    setIn("intents", "failed_charges = 10", "status = 'succeeded'"),
  ],
  [
    "an intent that is expired when it is made",
    "intents_expires_check",
    setIn("intents", "expires_at = created_at"),
  ],
];

const CHARGES: readonly Forbidden[] = [
  [
    "a charge without a number",
    "charges_charge_id_check",
    setIn("charges", "charge_id = 0", "status = 'failed'"),
  ],
  [
    "a number that JSON cannot carry",
    "charges_charge_id_check",
    setIn("charges", "charge_id = 9007199254740992", "status = 'failed'"),
  ],
  ...notACurrency("charges", "charges_currency_check"),
  ...notACard("charges"),
  ...["succeeded", "requires_action"].map(
    (status): Forbidden => [
      `a charge that is ${status} without the processor's reference`,
      "charges_processor_ref_check",
      setIn("charges", "processor_ref = null", `status = '${status}'`),
    ],
  ),
  [
    "a late charge without the processor's reference",
    "charges_processor_ref_check",
    setIn("charges", "status = 'late', processor_ref = null", "status = 'succeeded'"),
  ],
  ...["succeeded", "requires_action", "failed"].map(
    (status): Forbidden => [
      `a charge that is ${status} and to be completed`,
      "charges_resumed_check",
      setIn("charges", "resumed = true", `status = '${status}'`),
    ],
  ),
  [
    "a failure for a reason that nobody knows",
    "charges_failure_reason_check",
    setIn("charges", "failure_reason = 'do_not_honor'", "status = 'failed'"),
  ],
  ["look-ups below none", "charges_look_ups_check", setIn("charges", "look_ups = -1")],
  ...notACurrency("refunds", "refunds_currency_check"),
  ["a refund's look-ups below none", "refunds_look_ups_check", setIn("refunds", "look_ups = -1")],
  ...notACurrency("subscriptions", "subscriptions_currency_check"),
  ...notACard("subscriptions"),
  ...notACurrency("ledger_entries", "ledger_entries_currency_check"),
  ...notACurrency("sandbox.payments", "payments_currency_check"),
  ...notACurrency("sandbox.refunds", "refunds_currency_check"),
];

const isOfCharge = "charge_id is not null";
const isOfSubscription = "subscription_id is not null";
const EVENTS: readonly Forbidden[] = [
  ["an event that nobody knows", "events_type_check", setIn("events", "type = 'nonsense'")],
  ...EVENT_TYPES.flatMap((type): Forbidden[] => {
    const row = (about: string, what: string): Forbidden => [
      `${type} about ${about}`,
      "events_type_check",
      setIn("events", `type = '${type}', ${what}`),
    ];
    return [
      row("a charge and a subscription", "charge_id = 1, subscription_id = intent_id"),
      type.startsWith("subscription.")
        ? row("a charge", "charge_id = 1, subscription_id = null")
        : row("a subscription", "charge_id = null, subscription_id = intent_id"),
      type === "payment.canceled"
        ? row("a charge", "charge_id = 1, subscription_id = null")
        : row("nothing", "charge_id = null, subscription_id = null"),
    ];
  }),
  [
    "a payment that was told without its charge",
    "events_type_check",
    setIn("events", "charge_id = null", isOfCharge),
  ],
  [
    "a subscription that was told without its id",
    "events_type_check",
    setIn("events", "subscription_id = null", isOfSubscription),
  ],
];

const WEBHOOKS: readonly Forbidden[] = [
  [
    "an endpoint that wants what is never told",
    "webhook_endpoints_events_check",
    setIn("webhook_endpoints", "events = array['payment.succeeded', 'payment.exploded']"),
  ],
  [
    "an endpoint that is disabled for a reason that nobody knows",
    "webhook_endpoints_disabled_reason_check",
    setIn("webhook_endpoints", "enabled = false, disabled_reason = 'tired'"),
  ],
  [
    "an endpoint that is enabled with a reason why not",
    "webhook_endpoints_check1",
    setIn("webhook_endpoints", "disabled_reason = 'gone'"),
  ],
  [
    "an endpoint that is disabled without a reason",
    "webhook_endpoints_check1",
    setIn("webhook_endpoints", "enabled = false"),
  ],
  ["a delivery before the first event", "deliveries_seq_check", setIn("deliveries", "seq = 0")],
  ...["in_turn", "out_of_turn"].map(
    (held): Forbidden => [
      `a delivery that has arrived and is held back ${held}`,
      "deliveries_held_pending_check",
      setIn("deliveries", `held = '${held}'`, "status = 'delivered'"),
    ],
  ),
  [
    "a delivery that has arrived without a try",
    "deliveries_delivered_check",
    setIn("deliveries", "tries = 0, resent_after = 0", "status = 'delivered'"),
  ],
  [
    "tries below none",
    "deliveries_resent_check",
    setIn("deliveries", "status = 'failed', due_at = null, tries = -1, resent_after = -1"),
  ],
  [
    "a try that was acknowledged with an error",
    "delivery_tries_error_check",
    setIn("delivery_tries", "status_code = 204, error = 'answered 204'"),
  ],
  [
    "a try that was refused without an error",
    "delivery_tries_error_check",
    setIn("delivery_tries", "status_code = 500, error = null"),
  ],
  [
    "a try that nobody answered without an error",
    "delivery_tries_error_check",
    setIn("delivery_tries", "status_code = null, error = null"),
  ],
];

const FORBIDDEN = [...ACCOUNTS, ...INTENTS, ...CHARGES, ...EVENTS, ...WEBHOOKS];

describe("a row that is no state is refused when it is written:", () => {
  it.each(FORBIDDEN)("%s (%s)", async (_row, constraint, statement) => {
    await client.query("begin");
    try {
      await expect(client.query(statement)).rejects.toMatchObject({ code: "23514", constraint });
    } finally {
      await client.query("rollback");
    }
  });

  it("by every check of the migration at least once", async () => {
    const text = await readFile(new URL(STATES, MIGRATIONS), "utf8");
    const added = [...text.matchAll(/add constraint (\w+)/g)].map((match) => match[1]);
    expect(added.length).toBeGreaterThan(0);
    const tried = new Set(FORBIDDEN.map(([, constraint]) => constraint));
    expect(added.filter((name) => name === undefined || !tried.has(name))).toEqual([]);
  });
});

describe("a list of words is the same in a check as in the contract:", () => {
  it.each<[constraint: string, words: readonly string[]]>([
    ["intents_status_check", INTENT_STATUSES],
    ["charges_status_check", CHARGE_STATUSES],
    ["charges_failure_reason_check", FAILURE_CODES],
    ["refunds_status_check", REFUND_STATUSES],
    ["subscriptions_status_check", SUBSCRIPTION_STATUSES],
    ["events_type_check", EVENT_TYPES],
    ["webhook_endpoints_events_check", EVENT_TYPES],
    ["webhook_endpoints_disabled_reason_check", DISABLED_REASONS],
    ["deliveries_status_check", DELIVERY_STATUSES],
    ["clients_permissions_check", PERMISSIONS],
  ])("%s", async (constraint, words) => {
    const { rows } = await client.query<{ text: string }>(
      `select pg_get_constraintdef(oid) as text from pg_constraint
        where conname = $1 and connamespace = 'public'::regnamespace`,
      [constraint],
    );
    expect(rows).toHaveLength(1);
    const listed = [...(rows[0]?.text ?? "").matchAll(/'([^']+)'::text/g)].map((match) => match[1] ?? "");
    expect(new Set(listed)).toEqual(new Set(words));
  });
});

it("a delivery that an older version gave up while a fault held it back passes, without its mark", async () => {
  const database = await createTestDatabase();
  const older = new Client({ connectionString: database.url });
  await older.connect();
  try {
    await older.query("drop schema sandbox cascade; drop schema public cascade; create schema public");
    const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith(".sql")).sort();
    for (const file of files.filter((name) => name < STATES))
      await older.query(await readFile(new URL(file, MIGRATIONS), "utf8"));
    await older.query(
      `insert into deliveries (account_id, event_id, endpoint_id, intent_id, seq, status, due_at, held, created_at)
       select id, id, id, id, 1, status, due_at, 'in_turn', now()
         from (values (gen_random_uuid(), 'failed', null), (gen_random_uuid(), 'pending', now())) as d (id, status, due_at)`,
    );
    await older.query(await readFile(new URL(STATES, MIGRATIONS), "utf8"));
    const { rows } = await older.query("select status, held from deliveries order by status");
    expect(rows).toEqual([
      { status: "failed", held: null },
      { status: "pending", held: "in_turn" },
    ]);
  } finally {
    await older.end();
    await database.drop();
  }
});
