/**
 * The end of a run: everything comes to rest, then the books are audited and compared with what clients were told and the
 * receiver has seen.
 */
import pg from "pg";
import { auditDatabase, showViolation } from "../../src/audit/audit.ts";
import type { Net } from "./net.ts";
import type { Clock } from "./publisher.ts";
import type { Shop } from "./shop.ts";
import type { Stage } from "./stage.ts";
import type { Told } from "./told.ts";

/** What is not yet at rest; a subscription between two renewals is. */
const OPEN = `
  select (select count(*) from charges where status in ('pending', 'requires_action') or look_up_at is not null) as charges,
         (select count(*) from refunds where status = 'pending') as refunds,
         (select count(*) from deliveries where status = 'pending') as deliveries,
         (select count(*) from intents where status in ('processing', 'requires_action')) as intents,
         (select count(*) from subscriptions where charge_id is not null) as renewals`;
/** Longer than the longest pause between two tries of a delivery, and than an intent waits for its customer. */
const ROUND_HOURS = 30;
const ROUNDS = 6;

/** No trouble any more: each account's clock is advanced until nothing is in flight, or due. */
export async function settle(stage: Stage, databaseUrl: string, clocks: readonly Clock[]): Promise<void> {
  let open: Record<string, unknown> = {};
  for (let round = 1; round <= ROUNDS; round++) {
    await Promise.all(clocks.map((clock) => clock.advance(ROUND_HOURS)));
    [open = {}] = await query(databaseUrl, OPEN);
    stage.say(`round ${round} of settling: open are ${JSON.stringify(open)}`);
    if (Object.values(open).every((count) => count === "0")) return;
  }
  stage.wrong("all-settles", JSON.stringify(open));
}

export async function compare(
  stage: Stage,
  at: { databaseUrl: string; net: Net; told: Told; shops: readonly Shop[] },
): Promise<void> {
  await at.told.check(at.net);
  for (const shop of at.shops) await compareHook(stage, at.databaseUrl, shop);
  compareRedeliveries(stage, at.told, at.shops);
  const violations = await auditDatabase(at.databaseUrl);
  for (const violation of violations) stage.wrong(violation.rule, showViolation(violation));
  stage.say(
    `audit: ${violations.length === 0 ? "every rule holds" : `${violations.length} rules do not hold`}`,
  );
}

type DeliveryRow = {
  event_id: string;
  intent_id: string;
  seq: number;
  body: string;
  status: string;
  tries: number;
  enabled: boolean;
};

/** Each event of the books came, as it stands there and in order; and nothing came that is not in the books. */
async function compareHook(stage: Stage, databaseUrl: string, { hook, endpointId }: Shop): Promise<void> {
  const rows = (await query(
    databaseUrl,
    `select 'evt_' || v.event_id as event_id, v.intent_id, v.seq, v.body, d.status, d.tries, e.enabled
       from deliveries d join events v using (account_id, event_id)
       join webhook_endpoints e using (account_id, endpoint_id)
      where 'we_' || d.endpoint_id = $1 order by v.intent_id, v.seq`,
    [endpointId],
  )) as DeliveryRow[];
  const known = new Map(rows.map((row) => [row.event_id, row]));
  const first = new Map<string, number>();
  const acknowledged = new Map<string, number>();
  for (const [index, { eventId, body, acknowledged: isTaken }] of hook.received.entries()) {
    const row = known.get(eventId);
    if (!row) stage.wrong("no-unknown-event", `${eventId} came, and is not in the books: ${body}`);
    else if (row.body !== body)
      stage.wrong("event-as-booked", `${eventId} came as ${body}, booked is ${row.body}`);
    if (!first.has(eventId)) first.set(eventId, index);
    if (isTaken) acknowledged.set(eventId, (acknowledged.get(eventId) ?? 0) + 1);
  }
  let before: DeliveryRow | null = null;
  for (const row of rows) {
    const place = first.get(row.event_id);
    if (row.enabled && place === undefined) stage.wrong("every-event-told", `${row.event_id} never came`);
    if (row.status === "delivered" && !acknowledged.has(row.event_id))
      stage.wrong("delivered-was-acknowledged", row.event_id);
    const earlier = before?.intent_id === row.intent_id ? first.get(before.event_id) : undefined;
    if (earlier !== undefined && place !== undefined && place < earlier)
      stage.wrong("told-in-order", `${row.event_id} came before ${before?.event_id}`);
    before = row;
  }
  const twice = [...acknowledged.values()].filter((times) => times > 1).length;
  stage.count("events acknowledged more than once", twice);
  for (const eventId of hook.wronglySigned()) stage.wrong("signed-for-its-endpoint", eventId);
}

/** What was on its way when it was asked for is what was asked for. */
const ON_ITS_WAY_MS = 2_000;

/** What was asked for again came again. */
function compareRedeliveries(stage: Stage, told: Told, shops: readonly Shop[]): void {
  for (const { client, eventId, askedAt } of told.redeliveries) {
    const shop = shops.find(({ merchant }) => merchant.client.name === client.name);
    if (!shop?.hook.received.some((seen) => seen.eventId === eventId && seen.at >= askedAt - ON_ITS_WAY_MS))
      stage.wrong("redelivered", `${eventId}, asked for at ${new Date(askedAt).toISOString()}`);
  }
}

const TOTALS: Readonly<Record<string, string>> = {
  intents: "select count(*) from intents",
  "intents paid": "select count(*) from intents where status = 'succeeded'",
  charges: "select count(*) from charges",
  "charges that succeeded": "select count(*) from charges where status = 'succeeded'",
  // The first look-up comes 15 s after the attempt; a challenge may take as long.
  "charges settled after a lost answer":
    "select count(*) from charges where settled_at >= created_at + interval '15 s' and not resumed and status = 'succeeded'",
  subscriptions: "select count(*) from subscriptions",
  renewals: "select count(*) from charges where cycle > 0",
  "renewals that succeeded": "select count(*) from charges where cycle > 0 and status = 'succeeded'",
  refunds: "select count(*) from refunds",
  "refunds that succeeded": "select count(*) from refunds where status = 'succeeded'",
  events: "select count(*) from events",
  deliveries: "select count(*) from deliveries",
  "deliveries given up": "select count(*) from deliveries where status = 'failed'",
  "delivery tries on record": "select count(*) from delivery_tries",
};

export async function totals(databaseUrl: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [what, text] of Object.entries(TOTALS)) {
    const [row] = await query(databaseUrl, text);
    found[what] = Number(row?.["count"]);
  }
  return found;
}

async function query(
  databaseUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
