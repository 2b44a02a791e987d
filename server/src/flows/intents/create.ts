/**
 * Creates payment intents. Requests of one account that arrive together share a transaction (base/batcher.ts): the keys,
 * the customers and the intents of all of them are three statements. Measured against one transaction a request in bench/.
 */
import type { CreateIntentInput } from "@mintro/contract/create-intent";
import { assert } from "../../base/assert.ts";
import { type Batcher, createBatcher, LATER } from "../../base/batcher.ts";
import { type Instant, MICROS_PER_MS, plusMs } from "../../base/instant.ts";
import { CREATE_BATCH, DATABASE, IDEMPOTENCY } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import { customerIdentity } from "../../domain/customer.ts";
import { type AccountId, newCustomerId, newIntentId } from "../../domain/ids.ts";
import { createIntent, type Payable } from "../../domain/intent.ts";
import { type CustomerSeen, upsertCustomers } from "../../store/customers.ts";
import { DatabaseUnavailable, LockTimeout, type Tx } from "../../store/database.ts";
import { dropKeys, type KnownKey, waitAtMost } from "../../store/idempotency.ts";
import { insertIntents } from "../../store/intents.ts";
import {
  type Answered,
  claimOrFindAll,
  isSameRequest,
  type Keyed,
  type KeyFailure,
  replay,
} from "../once.ts";
import type { Platform } from "../platform.ts";

export type CreateRequest = {
  readonly books: Books;
  readonly input: CreateIntentInput;
  readonly keyed: Keyed | null;
  /** The body to answer with, and to keep under the key. */
  readonly present: (intent: Payable) => string;
};
export type CreateFailure =
  | { readonly kind: "reference_taken" }
  /** No processor takes payments of this mode. */
  | { readonly kind: "no_processor" };
export type CreateAnswer = Result<Answered, CreateFailure | KeyFailure>;
export type IntentCreator = { readonly create: (request: CreateRequest) => Promise<CreateAnswer> };

/** One that waits for its batch, until `giveUpAt` (wall time) at the longest. */
type Waiting = CreateRequest & { readonly giveUpAt: Instant };
type BatchAnswer = CreateAnswer | typeof LATER;

export function createIntentCreator(platform: Platform): IntentCreator {
  const batcher: Batcher<AccountId, Waiting, CreateAnswer> = createBatcher({
    ...CREATE_BATCH,
    // A connection that was lost may have been lost in the commit: then nobody knows, and nothing is run again.
    leftNothing: (error) => !(error instanceof DatabaseUnavailable),
    run: (accountId, requests) => createTogether(platform, accountId, requests),
  });
  return {
    async create(request) {
      const { accountId, mode } = request.books.account;
      if (!platform.processors.forMode(mode)) return fail({ kind: "no_processor" });
      const giveUpAt = plusMs(platform.world.now(), DATABASE.lockTimeoutMs);
      return await batcher.add(accountId, { ...request, giveUpAt });
    },
  };
}

/** What became of a lead: of the first request with its key in a batch, or of one without a key. */
type Outcome =
  /** Its intent is written, and its key with it. */
  | { readonly kind: "created"; readonly body: string }
  /** Its key was used before, by itself or by another. */
  | { readonly kind: "known"; readonly first: KnownKey }
  /** For its own sake: there is no trace of it, and its key is as free as it was. */
  | { readonly kind: "refused"; readonly failure: CreateFailure }
  /** Another transaction has held its key, or a row that it needs, for as long as it could wait. */
  | { readonly kind: "held" };

const REFERENCE_TAKEN: Outcome = { kind: "refused", failure: { kind: "reference_taken" } };

/**
 * Of several requests with one key the first leads: it alone does the work, since a key is one request. What the others
 * are told follows from what became of it (`answerTo`); those about whom that says nothing go into the next batch, where
 * the first of them leads. So each batch settles one of a key's requests at least, and nobody waits beyond their time.
 */
async function createTogether(
  platform: Platform,
  accountId: AccountId,
  requests: readonly Waiting[],
): Promise<BatchAnswer[]> {
  const leaders = new Map<string, Waiting>();
  for (const request of requests) {
    if (request.keyed && !leaders.has(request.keyed.key)) leaders.set(request.keyed.key, request);
  }
  const leadOf = ({ keyed }: Waiting) => keyed && leaders.get(keyed.key);
  const leads = requests.filter((request) => (leadOf(request) ?? request) === request);
  const outcomes = await settleLeads(platform, accountId, leads);
  const now = platform.world.now();
  return requests.map((request) => {
    const lead = leadOf(request) ?? request;
    const outcome = outcomes.get(lead);
    assert(outcome !== undefined, "each request of a batch has a lead that was settled");
    return answerTo(request, lead, outcome, now);
  });
}

function answerTo(request: Waiting, lead: Waiting, outcome: Outcome, now: Instant): BatchAnswer {
  const { keyed } = request;
  if (request === lead && outcome.kind === "created") return ok({ body: outcome.body, replayed: false });
  if (request === lead && outcome.kind === "refused") return fail(outcome.failure);
  assert(keyed !== null && lead.keyed !== null, "a request without a key leads, and is created or refused");
  switch (outcome.kind) {
    case "created":
      return replay({ ...lead.keyed, answer: outcome.body, resume: null }, keyed);
    case "known":
      return replay(outcome.first, keyed);
    case "refused":
      // The same request is refused for the same reason. Of another body nothing is known yet.
      return isSameRequest(lead.keyed, keyed) ? fail(outcome.failure) : laterOrNever(request, now);
    case "held":
      return laterOrNever(request, now);
  }
}

function laterOrNever({ giveUpAt }: Waiting, now: Instant): BatchAnswer {
  return now < giveUpAt ? LATER : fail({ kind: "key_busy" });
}

async function settleLeads(
  platform: Platform,
  accountId: AccountId,
  leads: readonly Waiting[],
): Promise<Map<Waiting, Outcome>> {
  try {
    return await platform.db.transaction(async (tx) => {
      await waitNoLonger(platform, tx, leads);
      return await writeLeads(platform, tx, accountId, leads);
    });
  } catch (error) {
    // Alone in its batch, it is this one's key that another process holds; among others, each is run again alone.
    const [only] = leads;
    if (error instanceof LockTimeout && leads.length === 1 && only?.keyed)
      return new Map([[only, { kind: "held" }]]);
    throw error;
  }
}

/** Whoever has waited for an earlier batch waits for locks so much less. Nothing is asked of the database for those who have not. */
async function waitNoLonger(platform: Platform, tx: Tx, leads: readonly Waiting[]): Promise<void> {
  const giveUpAt = leads.map((lead) => lead.giveUpAt).reduce((a, b) => (a < b ? a : b));
  const leftMs = Number((giveUpAt - platform.world.now()) / MICROS_PER_MS);
  if (leftMs > DATABASE.lockTimeoutMs - IDEMPOTENCY.waitedMs) return;
  await waitAtMost(tx, Math.max(leftMs, IDEMPOTENCY.lastTryMs));
}

type Work = { readonly lead: Waiting; readonly intent: Payable; readonly body: string };

async function writeLeads(
  platform: Platform,
  tx: Tx,
  accountId: AccountId,
  leads: readonly Waiting[],
): Promise<Map<Waiting, Outcome>> {
  const outcomes = new Map<Waiting, Outcome>();
  const now = leads.map((lead) => lead.books.now()).reduce((a, b) => (a > b ? a : b));
  const source = { at: now, random: platform.world.random };
  const work = leads.map((lead): Work => {
    const intent = createIntent(lead.input, {
      accountId,
      intentId: newIntentId(source),
      customerId: newCustomerId(source), // until the customers have been looked up
      paySecret: platform.world.random(16),
      now,
    });
    return { lead, intent, body: lead.present(intent) };
  });

  const taken = await claimBatchKeys(platform, tx, accountId, work);
  const fresh = work.filter(({ lead }) => {
    const first = lead.keyed && taken.get(lead.keyed.key);
    if (first) outcomes.set(lead, { kind: "known", first });
    return !first;
  });
  const withCustomers = await linkCustomers(tx, accountId, fresh, now);
  const written = withCustomers.length > 0 ? await insertIntents(tx, accountId, withCustomers) : new Set();
  for (const { lead, intent, body } of fresh) {
    const isWritten = written.has(intent.facts.intentId);
    outcomes.set(lead, isWritten ? { kind: "created", body } : REFERENCE_TAKEN);
  }
  const refused = fresh.filter(({ intent }) => !written.has(intent.facts.intentId));
  const keys = refused.flatMap(({ lead }) => (lead.keyed ? [lead.keyed.key] : []));
  if (keys.length > 0) await dropKeys(tx, accountId, keys);
  return outcomes;
}

/** Claims the batch's keys, and gives back those that are taken. */
async function claimBatchKeys(
  { world }: Platform,
  tx: Tx,
  accountId: AccountId,
  work: readonly Work[],
): Promise<Map<string, KnownKey>> {
  const claims = work.flatMap(({ lead, body }) =>
    lead.keyed ? [{ ...lead.keyed, answer: body, resume: null }] : [],
  );
  return claims.length === 0 ? new Map() : await claimOrFindAll(tx, world, accountId, claims);
}

async function linkCustomers(tx: Tx, accountId: AccountId, work: readonly Work[], now: Instant) {
  if (work.length === 0) return [];
  const seen = new Map<string, CustomerSeen>();
  for (const { intent } of work)
    seen.set(customerIdentity(intent.facts), { ...intent.facts, identity: customerIdentity(intent.facts) });
  const known = await upsertCustomers(tx, accountId, [...seen.values()], now);
  return work.map(({ intent }): Payable => {
    const customerId = known.get(customerIdentity(intent.facts)) ?? intent.facts.customerId;
    return { ...intent, facts: { ...intent.facts, customerId } };
  });
}
