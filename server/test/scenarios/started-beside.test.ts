/** A second Mintro that starts on the same database, at the moment in which a merchant changes what it makes sure of. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, it } from "vitest";
import { createCipher } from "../../src/base/cipher.ts";
import { createLog } from "../../src/base/log.ts";
import { realWorld } from "../../src/base/world.ts";
import type { AccountId, EndpointId } from "../../src/domain/ids.ts";
import { newWebhookSecret } from "../../src/domain/webhook-signature.ts";
import { secretContext } from "../../src/flows/webhooks/deliver.ts";
import { run } from "../../src/main/wire.ts";
import { eventually, startPlatform } from "../support/platform.ts";

it("keeps a signing secret that is rotated while it starts", async () => {
  const secretKey = randomBytes(32);
  const webhook = { url: "http://127.0.0.1:9/hook", secret: null };
  const { databaseUrl, merchant } = await startPlatform({ secretKey, webhook });
  const cipher = createCipher(secretKey, realWorld());
  const rotating = new pg.Client({ connectionString: databaseUrl });
  await rotating.connect();
  const watching = new pg.Client({ connectionString: databaseUrl });
  await watching.connect();
  try {
    // As rotate-secret does it, and not committed yet.
    const made = newWebhookSecret(randomBytes);
    await rotating.query("begin");
    const { rows } = await rotating.query<{ account_id: AccountId; endpoint_id: EndpointId }>(
      "select account_id, endpoint_id from webhook_endpoints for no key update",
    );
    const [{ account_id: accountId, endpoint_id: endpointId }] = rows as [(typeof rows)[0] & object];
    const sealed = cipher.encrypt(made, secretContext(accountId, endpointId));
    await rotating.query(
      `update webhook_endpoints
          set previous_secret = secret, previous_secret_until = now() + interval '1 day', secret = $1`,
      [sealed],
    );

    const starting = run({
      databaseUrl,
      port: 0,
      host: "127.0.0.1",
      publicUrl: null,
      client: merchant,
      webhook,
      secretKey,
      allowPrivateWebhooks: true,
      allowedOrigins: null,
      rateLimit: 0,
      trustedProxies: [],
      log: createLog("silent"),
    });
    await eventually(async () => {
      const waits = await watching.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return waits.rowCount === 1;
    });
    await rotating.query("commit");
    const second = await starting;
    await second.stop();
    expect(second.webhookSecret === made).toBe(true);
    const kept = await watching.query<{ secret: Buffer }>("select secret from webhook_endpoints");
    const secret = kept.rows[0] && cipher.decrypt(kept.rows[0].secret, secretContext(accountId, endpointId));
    expect(secret === made).toBe(true);
  } finally {
    await rotating.end();
    await watching.end();
  }
});
