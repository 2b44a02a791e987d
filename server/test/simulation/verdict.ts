/** What a simulation ends with: what the receivers say, how much there was of everything, and the hash of the books. */
import { createHash } from "node:crypto";
import type { EndpointId } from "../../src/domain/ids.ts";
import type { Receivers } from "./receivers.ts";
import type { Stage } from "./stage.ts";

/** What the books call delivered was acknowledged by the receiver, who may have been told more often. */
export async function checkReceipts(stage: Stage, receivers: Receivers): Promise<void> {
  if (stage.wrongs.length > 0) return;
  const known = new Map([...receivers.values()].map((receiver) => [receiver.endpointId, receiver]));
  const rows = await stage.look<{ event_id: string; endpoint_id: EndpointId; url: string | null }>(`
    select d.event_id, d.endpoint_id, e.url
      from deliveries d left join webhook_endpoints e using (account_id, endpoint_id) where d.status = 'delivered'`);
  for (const { event_id, endpoint_id, url } of rows) {
    // An endpoint whose owner was never told its id is found by its address.
    const receiver = known.get(endpoint_id) ?? receivers.get(url ?? "");
    const times = receiver?.accepted.get(`evt_${event_id}`) ?? 0;
    if (times === 0) stage.wrong("delivered-was-acknowledged", `evt_${event_id} to ${endpoint_id}`);
    if (times > 1) stage.count("deliveries received twice");
  }
}

const COUNTED: Readonly<Record<string, string>> = {
  intents: "select count(*) from intents",
  "intents paid": "select count(*) from intents where status = 'succeeded'",
  subscriptions: "select count(*) from subscriptions",
  charges: "select count(*) from charges",
  "charges that succeeded": "select count(*) from charges where status = 'succeeded'",
  "charges that came late": "select count(*) from charges where status = 'late'",
  renewals: "select count(*) from charges where cycle > 0",
  "renewals that succeeded": "select count(*) from charges where cycle > 0 and status = 'succeeded'",
  refunds: "select count(*) from refunds",
  events: "select count(*) from events",
  deliveries: "select count(*) from deliveries",
  "deliveries given up": "select count(*) from deliveries where status = 'failed'",
  "delivery tries": "select count(*) from delivery_tries",
};

export async function totalsOfBooks(stage: Stage): Promise<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const [what, query] of Object.entries(COUNTED)) {
    const [row] = await stage.look<{ count: string }>(query);
    totals[what] = Number(row?.count ?? 0);
  }
  return totals;
}

const LOGGED = [
  "select * from intents order by account_id, intent_id",
  "select * from charges order by account_id, charge_id",
  "select * from subscriptions order by account_id, subscription_id",
  "select * from refunds order by account_id, refund_id",
  "select * from ledger_entries order by account_id, charge_id, kind, source_id, book",
  "select * from events order by account_id, intent_id, seq",
  "select * from deliveries order by account_id, event_id, endpoint_id",
  "select * from delivery_tries order by account_id, event_id, endpoint_id, try",
  "select * from sandbox.payments order by account_id, idempotency_key",
  "select * from sandbox.refunds order by account_id, refund_key",
];

/** Of every row that tells what happened. */
export async function hashOfBooks(stage: Stage): Promise<string> {
  const hash = createHash("sha256");
  for (const query of LOGGED) {
    const rows = await stage.look<{ row: string }>(`select logged::text as row from (${query}) logged`);
    for (const { row } of rows) hash.update(`${row}\n`);
  }
  return hash.digest("hex");
}
