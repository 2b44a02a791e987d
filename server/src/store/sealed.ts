/**
 * Every value that is stored encrypted, whatever it is of: a webhook endpoint's secrets, and answers kept under an
 * Idempotency-Key that carry one. A value begins with its seal, which tells the key that it was sealed with (base/cipher.ts).
 */
import type { Instant } from "../base/instant.ts";
import type { AccountId, EndpointId } from "../domain/ids.ts";
import { type Queryable, ts } from "./database.ts";
import { sql } from "./sql.ts";

export type SealedOf =
  | { readonly kind: "endpoint"; readonly accountId: AccountId; readonly endpointId: EndpointId }
  | { readonly kind: "answer"; readonly accountId: AccountId; readonly key: string };

type SampleRow = {
  account_id: AccountId;
  endpoint_id: EndpointId | null;
  key: string | null;
  sealed: Buffer;
};

/** One value of each seal that there is; of those without a mark (version 1), one. Answers that are forgotten do not count. */
export async function sealSamples(
  db: Queryable,
  forgottenBefore: Instant,
): Promise<{ of: SealedOf; sealed: Buffer }[]> {
  const rows = await db.query<SampleRow>(sql`
    select distinct on (seal) account_id, endpoint_id, key, sealed
      from (select account_id, endpoint_id, key, sealed, substring(sealed from 1 for case get_byte(sealed, 0) when 1 then 1 else 5 end) as seal
              from (select account_id, endpoint_id, null as key, secret as sealed from webhook_endpoints
                     union all
                    select account_id, endpoint_id, null, previous_secret from webhook_endpoints
                     where previous_secret is not null
                     union all
                    select account_id, endpoint_id, null, unnest(older_secrets) from webhook_endpoints
                     union all
                    select account_id, null, key, sealed_answer from idempotency_keys
                     where sealed_answer is not null and created_at >= ${ts(forgottenBefore)}) each_value) each_seal
     order by seal -- all accounts: at start, and for operators`);
  return rows.map(({ account_id: accountId, endpoint_id: endpointId, key, sealed }) => ({
    of:
      endpointId === null
        ? { kind: "answer", accountId, key: key ?? "" }
        : { kind: "endpoint", accountId, endpointId },
    sealed,
  }));
}

export type SealedEndpoint = {
  readonly accountId: AccountId;
  readonly endpointId: EndpointId;
  readonly secret: Buffer;
  readonly previousSecret: Buffer | null;
  readonly olderSecrets: readonly Buffer[];
};

/** Endpoints with a secret under another seal, after the one named, in the order of their keys. */
export async function endpointsUnderOtherSeals(
  db: Queryable,
  seal: Buffer,
  after: Pick<SealedEndpoint, "accountId" | "endpointId"> | null,
  most: number,
): Promise<SealedEndpoint[]> {
  const { accountId = NIL, endpointId = NIL } = after ?? {};
  return await db.query<SealedEndpoint>(sql`
    select account_id as "accountId", endpoint_id as "endpointId", secret, previous_secret as "previousSecret",
           older_secrets as "olderSecrets"
      from webhook_endpoints
     where exists (select 1 from unnest(older_secrets || secret || previous_secret) as sealed
                    where substring(sealed from 1 for ${seal.length}::int) <> ${seal})
       and (account_id, endpoint_id) > (${accountId}::uuid, ${endpointId}::uuid)
     order by account_id, endpoint_id limit ${most} -- all accounts: for operators`);
}

const NIL = "00000000-0000-0000-0000-000000000000";

/** False: its secret was changed meanwhile, or it is gone. */
export async function replaceSecrets(
  db: Queryable,
  before: SealedEndpoint,
  after: Pick<SealedEndpoint, "secret" | "previousSecret" | "olderSecrets">,
): Promise<boolean> {
  const rows = await db.query(sql`
    update webhook_endpoints
       set secret = ${after.secret}, previous_secret = ${after.previousSecret},
           older_secrets = ${after.olderSecrets}::bytea[]
     where account_id = ${before.accountId} and endpoint_id = ${before.endpointId} and secret = ${before.secret}
       and previous_secret is not distinct from ${before.previousSecret}
       and older_secrets = ${before.olderSecrets}::bytea[]
    returning endpoint_id`);
  return rows.length === 1;
}

export type SealedAnswer = {
  readonly accountId: AccountId;
  readonly key: string;
  readonly sealedAnswer: Buffer;
};

/** Kept answers under another seal that are not forgotten yet, after the one named, in the order of their keys. */
export async function answersUnderOtherSeals(
  db: Queryable,
  seal: Buffer,
  after: Pick<SealedAnswer, "accountId" | "key"> | null,
  { most, forgottenBefore }: { most: number; forgottenBefore: Instant },
): Promise<SealedAnswer[]> {
  const { accountId = NIL, key = "" } = after ?? {};
  return await db.query<SealedAnswer>(sql`
    select account_id as "accountId", key, sealed_answer as "sealedAnswer" from idempotency_keys
     where sealed_answer is not null and substring(sealed_answer from 1 for ${seal.length}::int) <> ${seal}
       and created_at >= ${ts(forgottenBefore)} and (account_id, key) > (${accountId}::uuid, ${key})
     order by account_id, key limit ${most} -- all accounts: for operators`);
}

/** False: the key was forgotten meanwhile. */
export async function replaceAnswer(
  db: Queryable,
  before: SealedAnswer,
  sealedAnswer: Buffer,
): Promise<boolean> {
  const rows = await db.query(sql`
    update idempotency_keys set sealed_answer = ${sealedAnswer}
     where account_id = ${before.accountId} and key = ${before.key} and sealed_answer = ${before.sealedAnswer}
    returning key`);
  return rows.length === 1;
}
