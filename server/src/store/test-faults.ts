/** Armed faults (test mode), and the deliveries that they hold back. */
import { assert } from "../base/assert.ts";
import type { Instant } from "../base/instant.ts";
import type { AccountId, EndpointId, EventId, TestFaultId } from "../domain/ids.ts";
import type { FaultOf, FaultTarget, Held, TestFault } from "../domain/test-fault.ts";
import type { ClaimedDelivery } from "../domain/webhook.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { sql } from "./sql.ts";

const columns = sql`account_id as "accountId", fault_id as "faultId", target, fault, count, remaining`;

/** False: the account has `most` armed already. Two requests at the same moment may go one beyond. */
export async function insertFault(
  tx: Tx,
  fault: TestFault,
  armedAt: Instant,
  most: number,
): Promise<boolean> {
  await tx.query(sql`
    delete from test_faults where account_id = ${fault.accountId} and target = ${fault.target} and remaining = 0`);
  const rows = await tx.query(sql`
    insert into test_faults (account_id, fault_id, target, fault, count, remaining, armed_at)
    select ${fault.accountId}::uuid, ${fault.faultId}::uuid, ${fault.target}, ${fault.fault}, ${fault.count}::integer,
           ${fault.remaining}::integer, ${ts(armedAt)}::timestamptz
     where (select count(*) from test_faults where account_id = ${fault.accountId} and remaining > 0) < ${most}
    returning fault_id`);
  return rows.length === 1;
}

/** In the order in which they will be used. */
export function armedFaults(db: Queryable, accountId: AccountId): Promise<TestFault[]> {
  return db.query<TestFault>(sql`
    select ${columns} from test_faults
     where account_id = ${accountId} and remaining > 0 order by target, armed_at, fault_id`);
}

/** How many calls and tries the faults were still to strike. */
export async function deleteFaults(db: Queryable, accountId: AccountId): Promise<number> {
  const rows = await db.query<{ remaining: number }>(sql`
    delete from test_faults where account_id = ${accountId} returning remaining`);
  return rows.reduce((sum, { remaining }) => sum + remaining, 0);
}

/**
 * Uses up one of the fault that is next; null: none is armed. Of two that ask at the same moment, one waits for the
 * other and gets what is left then, so that a fault never strikes more often than it was armed for.
 */
export async function takeFault<Target extends FaultTarget>(
  db: Queryable,
  accountId: AccountId,
  target: Target,
): Promise<FaultOf<Target> | null> {
  const rows = await db.query<{ fault: FaultOf<Target> }>(sql`
    update test_faults set remaining = remaining - 1
     where account_id = ${accountId} and remaining > 0
       and fault_id = (select fault_id from test_faults
                        where account_id = ${accountId} and target = ${target} and remaining > 0
                        order by armed_at, fault_id limit 1 for no key update)
    returning fault`);
  return rows[0]?.fault ?? null;
}

/** The fault that `takeFault` would use up; until the transaction ends, nobody else takes one of its target. */
export async function lockNextFault<Target extends FaultTarget>(
  tx: Tx,
  accountId: AccountId,
  target: Target,
): Promise<{ readonly faultId: TestFaultId; readonly fault: FaultOf<Target> } | null> {
  const rows = await tx.query<{ faultId: TestFaultId; fault: FaultOf<Target> }>(sql`
    select fault_id as "faultId", fault from test_faults
     where account_id = ${accountId} and target = ${target} and remaining > 0
     order by armed_at, fault_id limit 1 for no key update`);
  return rows[0] ?? null;
}

export async function useUpFault(tx: Tx, accountId: AccountId, faultId: TestFaultId): Promise<void> {
  const rows = await tx.query(sql`
    update test_faults set remaining = remaining - 1
     where account_id = ${accountId} and fault_id = ${faultId} and remaining > 0
    returning fault_id`);
  assert(rows.length === 1, "a fault is used up under its lock");
}

/** Those used up, once nothing waits for the other half of a swap: then the account's tries meet no fault any more. */
export async function forgetUsedUpFaults(tx: Tx, accountId: AccountId): Promise<void> {
  await tx.query(sql`
    delete from test_faults
     where account_id = ${accountId} and target = 'delivery' and remaining = 0
       and not exists (select 1 from deliveries
                        where account_id = ${accountId} and held = 'out_of_turn' and due_at is not null)`);
}

/** Puts the coming try of a claimed delivery off. False: the delivery was given up, or its lease was lost. */
export async function holdDelivery(
  tx: Tx,
  { accountId, eventId, endpointId, tries }: ClaimedDelivery,
  hold: { held: Held; dueAt: Instant },
): Promise<boolean> {
  const rows = await tx.query(sql`
    update deliveries set held = ${hold.held}, due_at = ${ts(hold.dueAt)}, lease_until = null
     where account_id = ${accountId} and event_id = ${eventId} and endpoint_id = ${endpointId}
       and tries = ${tries} and held is null and due_at is not null
    returning event_id`);
  return rows.length === 1;
}

/**
 * Gives whoever asks first the delivery to the endpoint that waits for another to go first, and nobody after; null: none
 * waits. The payment's later events wait for it from now on.
 */
export async function pairOutOfTurn(
  tx: Tx,
  accountId: AccountId,
  endpointId: EndpointId,
): Promise<EventId | null> {
  const rows = await tx.query<{ eventId: EventId }>(sql`
    update deliveries set held = 'in_turn'
     where account_id = ${accountId} and endpoint_id = ${endpointId} and held = 'out_of_turn' and due_at is not null
    returning event_id as "eventId"`);
  return rows[0]?.eventId ?? null;
}

/** The other one has arrived: what waited for it is due at once. */
export async function endHold(
  db: Queryable,
  held: { accountId: AccountId; eventId: EventId; endpointId: EndpointId },
  now: Instant,
): Promise<void> {
  await db.query(sql`
    update deliveries set due_at = ${ts(now)}
     where account_id = ${held.accountId} and event_id = ${held.eventId} and endpoint_id = ${held.endpointId}
       and held = 'in_turn' and due_at > ${ts(now)}`);
}
