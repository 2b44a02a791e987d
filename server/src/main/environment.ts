/** Makes sure of what the environment variables name: the client, and the webhook endpoint of its account. */

import type { Cipher } from "../base/cipher.ts";
import type { Log } from "../base/log.ts";
import type { World } from "../base/world.ts";
import { PERMISSIONS } from "../domain/account.ts";
import { type AccountId, type ClientId, newEndpointId, showEndpointId } from "../domain/ids.ts";
import { newWebhookSecret, type WebhookSecret } from "../domain/webhook-signature.ts";
import { accountOf, DEFAULT_MERCHANT, secretHash } from "../flows/clients/create.ts";
import { secretContext } from "../flows/webhooks/deliver.ts";
import { findClients, insertClient, renewClient } from "../store/accounts.ts";
import type { Db } from "../store/database.ts";
import {
  disableEndpoint,
  findEnvironmentEndpoint,
  insertEndpoint,
  renewEndpoint,
} from "../store/webhooks.ts";
import { CannotStart } from "./cannot-start.ts";

type Tools = { readonly db: Db; readonly world: World; readonly cipher: Cipher; readonly log: Log };

/** A test-mode client with every permission. Gives back its account. */
export async function ensureClient(
  tools: Tools,
  pair: { clientId: string; clientSecret: string },
): Promise<AccountId> {
  const { db, world } = tools;
  const clientId = pair.clientId as ClientId;
  const secretSha256 = secretHash(pair.clientSecret);
  const known = (await findClients(db, [clientId])).get(clientId);
  if (known) {
    const { account } = known;
    if (account.mode !== "test") {
      throw new CannotStart(
        `MINTRO_CLIENT_ID is "${clientId}": that is a live-mode client; give a test-mode one or another name.`,
      );
    }
    await renewClient(db, { clientId, secretSha256, permissions: PERMISSIONS });
    return account.accountId;
  }
  return await db.transaction(async (tx) => {
    const accountId = await accountOf(tx, world, DEFAULT_MERCHANT, "test");
    const client = { clientId, accountId, secretSha256, permissions: PERMISSIONS, name: "environment" };
    await insertClient(tx, { ...client, createdAt: world.now() });
    return accountId;
  });
}

/**
 * The endpoint of `MINTRO_WEBHOOK_URL`, for all events, enabled; without the variable, an earlier one is disabled.
 * `secret` null: the one it has, or a generated one. Gives back the secret in force.
 */
export async function ensureEndpoint(
  tools: Tools,
  accountId: AccountId,
  wanted: { url: string; secret: WebhookSecret | null } | null,
): Promise<WebhookSecret | null> {
  const { db, world, cipher, log } = tools;
  const known = await findEnvironmentEndpoint(db, accountId);
  if (!wanted) {
    const { endpointId } = known ?? {};
    if (endpointId && (await db.transaction((tx) => disableEndpoint(tx, accountId, endpointId, "removed")))) {
      log.warn(
        { endpoint_id: showEndpointId(endpointId) },
        "MINTRO_WEBHOOK_URL is gone, so its endpoint was disabled",
      );
    }
    return null;
  }
  const endpointId = known?.endpointId ?? newEndpointId({ at: world.now(), random: world.random });
  const context = secretContext(accountId, endpointId);
  const kept = known && (readSecret(cipher, known.secret, context) as WebhookSecret | null);
  const secret = wanted.secret ?? kept ?? newWebhookSecret(world.random);
  const encrypted = cipher.encrypt(secret, context);
  if (known) {
    if (!known.enabled)
      log.warn(
        { endpoint_id: showEndpointId(endpointId) },
        "the environment's webhook endpoint is enabled again",
      );
    await renewEndpoint(db, accountId, endpointId, { url: wanted.url, secret: encrypted });
  } else {
    const endpoint = { accountId, endpointId, url: wanted.url, events: null, secret: encrypted };
    await insertEndpoint(db, { ...endpoint, fromEnvironment: true, createdAt: world.now() });
  }
  return secret;
}

function readSecret(cipher: Cipher, stored: Buffer, context: string): string {
  try {
    return cipher.decrypt(stored, context);
  } catch (error) {
    throw new CannotStart(
      "MINTRO_SECRET_KEY is not the key that this database's secrets were encrypted with: give that one again.",
      { cause: error },
    );
  }
}
