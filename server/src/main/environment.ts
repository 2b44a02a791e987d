/** Makes sure of what the environment variables name: the client, and the webhook endpoint of its account. */
import type { Cipher } from "../base/cipher.ts";
import type { Log } from "../base/log.ts";
import type { World } from "../base/world.ts";
import { booksOf, PERMISSIONS } from "../domain/account.ts";
import { type AccountId, type ClientId, newEndpointId, showEndpointId } from "../domain/ids.ts";
import { newWebhookSecret, type WebhookSecret } from "../domain/webhook-signature.ts";
import { accountOf, DEFAULT_MERCHANT, secretHash } from "../flows/clients/create.ts";
import { opensAll } from "../flows/secrets/reseal.ts";
import { secretContext } from "../flows/webhooks/deliver.ts";
import { findAccount, findClients, insertClient, renewClient } from "../store/accounts.ts";
import type { Db, Queryable, Tx } from "../store/database.ts";
import { lockSetUp } from "../store/migrate.ts";
import {
  disableEndpoint,
  insertEndpoint,
  lockEnvironmentEndpoint,
  renewEndpoint,
} from "../store/webhooks.ts";
import { CannotStart } from "./cannot-start.ts";

type Tools = { readonly world: World; readonly cipher: Cipher; readonly log: Log };
type Wanted = {
  /** `isKept`: no variable names it, so nobody asks for it to come back. */
  readonly client: { readonly clientId: string; readonly clientSecret: string; readonly isKept?: boolean };
  /** `secret` null: the one that the endpoint has, or a generated one. */
  readonly webhook: { readonly url: string; readonly secret: WebhookSecret | null } | null;
};

/** The client that the data folder keeps was revoked, and stays so: another must take its place. */
export class KeptClientRevoked extends CannotStart {
  override readonly name = "KeptClientRevoked";

  constructor(clientId: string) {
    super(`The client ${clientId}, which the data folder keeps, is revoked.`);
  }
}

/**
 * The client's account, and the signing secret in force (null without an endpoint). One process at a time, so that several
 * that start at once on one database make one merchant and one endpoint. Throws `CannotStart` where the client is a
 * live one, or the secret key is not this database's, and `KeptClientRevoked`.
 */
export async function ensureEnvironment(
  db: Db,
  tools: Tools,
  wanted: Wanted,
): Promise<{ accountId: AccountId; webhookSecret: WebhookSecret | null }> {
  return await db.transaction(async (tx) => {
    await lockSetUp(tx);
    const accountId = await ensureClient(tx, tools.world, wanted.client);
    await checkKeys(tx, tools);
    return { accountId, webhookSecret: await ensureEndpoint(tx, tools, accountId, wanted.webhook) };
  });
}

/** A test-mode client with every permission. Gives back its account. */
async function ensureClient(tx: Tx, world: World, pair: Wanted["client"]): Promise<AccountId> {
  const clientId = pair.clientId as ClientId;
  const secretSha256 = secretHash(pair.clientSecret);
  const known = (await findClients(tx, [clientId])).get(clientId);
  if (!known) {
    const accountId = await accountOf(tx, world, DEFAULT_MERCHANT, "test");
    const client = { clientId, accountId, secretSha256, permissions: PERMISSIONS, name: "environment" };
    await insertClient(tx, { ...client, createdAt: world.now() });
    return accountId;
  }
  if (known.account.mode !== "test") {
    throw new CannotStart(
      `MINTRO_CLIENT_ID is "${clientId}": that is a live-mode client; give a test-mode one, or a new name.`,
    );
  }
  const kept = pair.isKept ?? false;
  if (kept && known.revoked) throw new KeptClientRevoked(clientId);
  await renewClient(tx, { clientId, secretSha256, permissions: PERMISSIONS, staysRevoked: kept });
  return known.account.accountId;
}

/** With another key every delivery would fail later; better none starts. Throws `CannotStart`. */
export async function checkKeys(
  db: Queryable,
  { world, cipher }: Pick<Tools, "world" | "cipher">,
): Promise<void> {
  if (!(await opensAll({ db, world, cipher }))) throw anotherKey();
}

/** For all events, enabled; without the variable, an earlier one is disabled. Gives back the secret in force. */
async function ensureEndpoint(
  tx: Tx,
  { world, cipher, log }: Tools,
  accountId: AccountId,
  wanted: Wanted["webhook"],
): Promise<WebhookSecret | null> {
  const known = await lockEnvironmentEndpoint(tx, accountId);
  if (!wanted) {
    if (known && (await disableEndpoint(tx, accountId, known.endpointId, "removed")))
      log.warn(
        { endpoint_id: showEndpointId(known.endpointId) },
        "MINTRO_WEBHOOK_URL is gone, so its endpoint was disabled",
      );
    return null;
  }
  const account = await findAccount(tx, accountId);
  const at = account ? booksOf(account, world).now() : world.now();
  const endpointId = known?.endpointId ?? newEndpointId({ at: world.now(), random: world.random });
  const context = secretContext(accountId, endpointId);
  const kept = known && (readSecret(cipher, known.secret, context) as WebhookSecret); // parsed before it was encrypted
  const secret = wanted.secret ?? kept ?? newWebhookSecret(world.random);
  const encrypted = cipher.encrypt(secret, context);
  if (known) {
    await renewEndpoint(tx, accountId, endpointId, { url: wanted.url, secret: encrypted, at });
    if (!known.enabled)
      log.warn(
        { endpoint_id: showEndpointId(endpointId) },
        "the environment's webhook endpoint is enabled again",
      );
  } else {
    const endpoint = { accountId, endpointId, url: wanted.url, events: null, secret: encrypted };
    await insertEndpoint(tx, { ...endpoint, fromEnvironment: true, createdAt: at });
  }
  return secret;
}

function readSecret(cipher: Cipher, stored: Buffer, context: string): string {
  try {
    return cipher.decrypt(stored, context);
  } catch (error) {
    throw anotherKey(error);
  }
}

function anotherKey(cause?: unknown): CannotStart {
  return new CannotStart(
    "MINTRO_SECRET_KEY (or, where it is not given, the file secret-key in the data folder) is not the key that this database's secrets were encrypted with: give that one again, or as one of MINTRO_PREVIOUS_SECRET_KEYS.",
    { cause },
  );
}
