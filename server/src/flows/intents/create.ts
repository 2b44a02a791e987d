/**
 * Creates payment intents. Requests of one account that arrive together share a transaction (base/batcher.ts): the keys,
 * the customers and the intents of all of them are three statements. Measured against one transaction a request in bench/.
 */
import type { CreateIntentInput } from "@mintro/contract/create-intent";
import { type Batcher, createBatcher } from "../../base/batcher.ts";
import { CREATE_BATCH } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import { customerIdentity } from "../../domain/customer.ts";
import { type AccountId, newCustomerId, newIntentId } from "../../domain/ids.ts";
import { createIntent, type Payable } from "../../domain/intent.ts";
import { type CustomerSeen, upsertCustomers } from "../../store/customers.ts";
import { DatabaseUnavailable, LockTimeout, type Tx } from "../../store/database.ts";
import { claimKeys, dropKeys, findKeys } from "../../store/idempotency.ts";
import { insertIntents } from "../../store/intents.ts";
import { type Answered, type Keyed, type KeyFailure, keyTimes, replay } from "../once.ts";
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

export function createIntentCreator(platform: Platform): IntentCreator {
  const batcher: Batcher<AccountId, CreateRequest, CreateAnswer> = createBatcher({
    ...CREATE_BATCH,
    // A connection that was lost may have been lost in the commit: then nobody knows, and nothing is run again.
    leftNothing: (error) => !(error instanceof DatabaseUnavailable),
    run: (accountId, requests) => createTogether(platform, accountId, requests),
  });
  return {
    async create(request) {
      const { accountId, mode } = request.books.account;
      if (!platform.processors.forMode(mode)) return fail({ kind: "no_processor" });
      return await batcher.add(accountId, request);
    },
  };
}

type Work = CreateRequest & { readonly intent: Payable; readonly body: string };

async function createTogether(
  platform: Platform,
  accountId: AccountId,
  requests: readonly CreateRequest[],
): Promise<CreateAnswer[]> {
  // Of several requests with one key the first does the work; the others get what it got.
  const leaders = new Map<string, CreateRequest>();
  for (const request of requests) {
    if (request.keyed && !leaders.has(request.keyed.key)) leaders.set(request.keyed.key, request);
  }
  const leads = requests.filter((request) => !request.keyed || leaders.get(request.keyed.key) === request);
  const answers = await settleLeads(platform, accountId, leads);

  return requests.map((request) => {
    const leader = request.keyed ? (leaders.get(request.keyed.key) ?? request) : request;
    const answer = answers.get(leader);
    if (!answer) throw new Error("Assertion failed: each request of a batch has a leader that was answered");
    return leader === request ? answer : follow(answer, leader.keyed, request.keyed);
  });
}

function follow(answer: CreateAnswer, leader: Keyed | null, follower: Keyed | null): CreateAnswer {
  if (leader && follower && !leader.fingerprint.equals(follower.fingerprint)) {
    // A refused leader leaves its key free, but this request met it in use: sent again, it will be looked at by itself.
    return answer.ok ? fail({ kind: "key_reused" }) : fail({ kind: "key_busy" });
  }
  return answer.ok ? ok({ body: answer.value.body, replayed: true }) : answer;
}

async function settleLeads(
  platform: Platform,
  accountId: AccountId,
  leads: readonly CreateRequest[],
): Promise<Map<CreateRequest, CreateAnswer>> {
  try {
    return await platform.db.transaction((tx) => writeLeads(platform, tx, accountId, leads));
  } catch (error) {
    // Alone in its batch, it is this one's key that another process holds; among others, each is run again alone.
    const [only] = leads;
    if (error instanceof LockTimeout && leads.length === 1 && only)
      return new Map([[only, fail({ kind: "key_busy" })]]);
    throw error;
  }
}

async function writeLeads(
  platform: Platform,
  tx: Tx,
  accountId: AccountId,
  leads: readonly CreateRequest[],
): Promise<Map<CreateRequest, CreateAnswer>> {
  const answers = new Map<CreateRequest, CreateAnswer>();
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
    return { ...lead, intent, body: lead.present(intent) };
  });
  const leadOf = new Map(work.map((item, index) => [item, leads[index] as CreateRequest]));
  const answer = (item: Work, result: CreateAnswer) => answers.set(leadOf.get(item) as CreateRequest, result);

  const fresh = await claimBatchKeys(platform, tx, accountId, work, answer);
  const withCustomers = await linkCustomers(tx, accountId, fresh, now);
  const written = withCustomers.length > 0 ? await insertIntents(tx, accountId, withCustomers) : new Set();
  for (const item of fresh) {
    const isWritten = written.has(item.intent.facts.intentId);
    answer(item, isWritten ? ok({ body: item.body, replayed: false }) : fail({ kind: "reference_taken" }));
  }
  const refused = fresh.filter((item) => !written.has(item.intent.facts.intentId));
  const keys = refused.flatMap((item) => (item.keyed ? [item.keyed.key] : []));
  if (keys.length > 0) await dropKeys(tx, accountId, keys);
  return answers;
}

/** Claims the batch's keys, answers those that are taken, and gives back the work that is left to do. */
async function claimBatchKeys(
  platform: Platform,
  tx: Tx,
  accountId: AccountId,
  work: readonly Work[],
  answer: (item: Work, result: CreateAnswer) => void,
): Promise<Work[]> {
  const keyed = work.flatMap((item) => (item.keyed ? [{ item, ...item.keyed }] : []));
  if (keyed.length === 0) return [...work];
  const claims = keyed.map(({ item, key, fingerprint }) => ({
    key,
    fingerprint,
    answer: item.body,
    resume: null,
  }));
  const claimed = await claimKeys(tx, accountId, claims, keyTimes(platform.world));
  const taken = keyed.filter(({ key }) => !claimed.has(key));
  if (taken.length > 0) {
    const known = await findKeys(
      tx,
      accountId,
      taken.map(({ key }) => key),
      keyTimes(platform.world).forgottenBefore,
    );
    for (const { item, key, fingerprint } of taken) {
      const first = known.get(key);
      answer(item, first ? replay(first, { key, fingerprint }) : fail({ kind: "key_busy" }));
    }
  }
  return work.filter((item) => !item.keyed || claimed.has(item.keyed.key));
}

async function linkCustomers(
  tx: Tx,
  accountId: AccountId,
  work: readonly Work[],
  now: Payable["facts"]["createdAt"],
) {
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
