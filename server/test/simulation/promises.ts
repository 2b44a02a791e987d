/**
 * What merchants and customers were told with success. It must be so, from then on, whatever dies: the books are asked
 * about each promise after every day, and in the end.
 */
import type { AccountId, IntentId, RefundId, SubscriptionId } from "../../src/domain/ids.ts";
import type { Stage } from "./stage.ts";

export type Told =
  | {
      readonly what: "created";
      readonly accountId: AccountId;
      readonly id: IntentId;
      readonly detail: string;
    }
  | { readonly what: "cancelled"; readonly accountId: AccountId; readonly id: IntentId }
  | { readonly what: "paid"; readonly accountId: AccountId; readonly id: IntentId }
  | { readonly what: "subscription cancelled"; readonly accountId: AccountId; readonly id: SubscriptionId }
  | { readonly what: "refund begun"; readonly accountId: AccountId; readonly id: RefundId };

export type Promises = {
  told(promise: Told): void;
  /** The answer to a request with this key: each further one must be the same, byte for byte. */
  answered(accountId: AccountId, key: string, body: string): void;
  check(): Promise<void>;
};

/** Which rows keep each promise. */
const KEPT: Record<Told["what"], string> = {
  created:
    "select 1 from intents t where t.account_id = p.account_id and t.intent_id = p.id and t.reference_id = p.detail",
  cancelled:
    "select 1 from intents t where t.account_id = p.account_id and t.intent_id = p.id and t.status = 'cancelled'",
  paid: "select 1 from intents t where t.account_id = p.account_id and t.intent_id = p.id and t.status = 'succeeded'",
  "subscription cancelled":
    "select 1 from subscriptions t where t.account_id = p.account_id and t.subscription_id = p.id and t.status = 'cancelled'",
  "refund begun": "select 1 from refunds t where t.account_id = p.account_id and t.refund_id = p.id",
};

export function createPromises(stage: Stage): Promises {
  const made = new Map<string, Told>();
  const answers = new Map<string, string>();
  return {
    told(promise) {
      made.set(`${promise.what} ${promise.id}`, promise);
    },
    answered(accountId, key, body) {
      const first = answers.get(`${accountId} ${key}`);
      if (first === undefined) answers.set(`${accountId} ${key}`, body);
      else if (first !== body)
        stage.wrong("one-answer-per-key", `${key} was answered ${first} and then ${body}`);
    },
    async check() {
      for (const [what, kept] of Object.entries(KEPT)) {
        const promises = [...made.values()].filter((promise) => promise.what === what);
        const broken = await stage.look<{ id: string }>(
          `select p.id from unnest($1::uuid[], $2::uuid[], $3::text[]) as p (account_id, id, detail) where not exists (${kept})`,
          [
            promises.map((promise) => promise.accountId),
            promises.map((promise) => promise.id),
            promises.map((promise) => ("detail" in promise ? promise.detail : "")),
          ],
        );
        for (const { id } of broken)
          stage.wrong("promises-kept", `told "${what}" of ${id}, and it is not so`);
      }
    },
  };
}
