/**
 * Who asks: X-Client-ID and X-Client-Secret. Requests that arrive together share one look-up, and each looks at the table,
 * so that a revoked client is out at once. Secrets are compared as SHA-256 and in constant time, also for unknown clients.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createBatcher } from "../base/batcher.ts";
import { AUTHENTICATE_BATCH } from "../base/limits.ts";
import type { Client } from "../domain/account.ts";
import { createUseNoter } from "../flows/clients/note-use.ts";
import type { Platform } from "../flows/platform.ts";
import { findClients } from "../store/accounts.ts";
import { DatabaseUnavailable } from "../store/database.ts";

export type Authenticator = {
  /** Null: missing, unknown, wrong or revoked, which the answer does not tell apart. */
  authenticate(headers: { clientId: unknown; clientSecret: unknown }): Promise<Client | null>;
};

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}

const NOBODY = sha256("");

export function createAuthenticator(platform: Pick<Platform, "db" | "world" | "log">): Authenticator {
  const { db, world } = platform;
  const noteUse = createUseNoter(platform);
  const lookUps = createBatcher<"clients", string, Client | null>({
    ...AUTHENTICATE_BATCH,
    // Where the database is away, the next look-up would wait as long for it: nobody waits for the others' time-outs.
    leftNothing: (error) => !(error instanceof DatabaseUnavailable),
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
      const given = sha256(clientSecret);
      const previous = client?.previousSecret ?? null;
      const isCurrent = timingSafeEqual(given, client?.secretSha256 ?? NOBODY);
      const isPrevious = timingSafeEqual(given, previous?.sha256 ?? NOBODY);
      const opens = isCurrent || (isPrevious && previous !== null && previous.until > world.now());
      if (!client || !opens || client.revoked) return null;
      noteUse(client);
      return client;
    },
  };
}
