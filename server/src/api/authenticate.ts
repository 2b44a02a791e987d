/**
 * Who asks: X-Client-ID and X-Client-Secret. Requests that arrive together share one look-up, and each looks at the table,
 * so that a revoked client is out at once. Secrets are compared as SHA-256 and in constant time, also for unknown clients.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createBatcher } from "../base/batcher.ts";
import type { Client } from "../domain/account.ts";
import { findClients } from "../store/accounts.ts";
import type { Db } from "../store/database.ts";

export type Authenticator = {
  /** Null: missing, unknown, wrong or revoked, which the answer does not tell apart. */
  authenticate(headers: { clientId: unknown; clientSecret: unknown }): Promise<Client | null>;
};

export function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}

const NOBODY = sha256("");

export function createAuthenticator(db: Db): Authenticator {
  const lookUps = createBatcher<"clients", string, Client | null>({
    size: 500,
    concurrency: 2,
    waiting: 10_000,
    leftNothing: () => true,
    async run(_, clientIds) {
      const found = await findClients(db, [...new Set(clientIds)]);
      return clientIds.map((clientId) => found.get(clientId) ?? null);
    },
  });
  return {
    async authenticate({ clientId, clientSecret }) {
      if (typeof clientId !== "string" || typeof clientSecret !== "string") return null;
      if (clientId === "" || clientId.length > 255 || clientSecret.length > 1_024) return null;
      const client = await lookUps.add("clients", clientId);
      const matches = timingSafeEqual(sha256(clientSecret), client?.secretSha256 ?? NOBODY);
      return client && matches && !client.revoked ? client : null;
    },
  };
}
