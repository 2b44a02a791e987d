/** Makes clients: the pair of id and secret that a merchant's server sends. The secret is shown once and kept as SHA-256. */
import { createHash } from "node:crypto";
import type { World } from "../../base/world.ts";
import type { Mode, Permission } from "../../domain/account.ts";
import { type AccountId, type ClientId, newAccountId, newMerchantId } from "../../domain/ids.ts";
import { accountOfMerchantNamed, insertAccount, insertClient, merchantNamed } from "../../store/accounts.ts";
import type { Db, Tx } from "../../store/database.ts";
import { lockSetUp } from "../../store/migrate.ts";

export type ClientPair = { readonly clientId: string; readonly clientSecret: string };

export const DEFAULT_MERCHANT = "My Store";

export function newClientId(world: World, mode: Mode): string {
  return `${mode}_${world.random(12).toString("hex")}`;
}

export function newClientSecret(world: World): string {
  return `sk_${world.random(32).toString("base64url")}`;
}

export function secretHash(secret: string): Buffer {
  return createHash("sha256").update(secret, "utf8").digest();
}

/** A client of the merchant with this name, which is made where there is none yet: its test and its live account. */
export async function createClient(
  db: Db,
  world: World,
  wanted: { merchant: string; mode: Mode; name: string; permissions: readonly Permission[] },
): Promise<ClientPair> {
  const clientId = newClientId(world, wanted.mode);
  const clientSecret = newClientSecret(world);
  await db.transaction(async (tx) => {
    await lockSetUp(tx); // of two that ask for a new merchant at once, the second finds the first's
    const accountId = await accountOf(tx, world, wanted.merchant, wanted.mode);
    await insertClient(tx, {
      clientId: clientId as ClientId,
      accountId,
      secretSha256: secretHash(clientSecret),
      permissions: wanted.permissions,
      name: wanted.name,
      createdAt: world.now(),
    });
  });
  return { clientId, clientSecret };
}

/** The merchant's account of a mode; merchant and both accounts are made where they are missing. */
export async function accountOf(tx: Tx, world: World, merchant: string, mode: Mode): Promise<AccountId> {
  const found = await accountOfMerchantNamed(tx, merchant, mode);
  if (found) return found.accountId;
  const source = { at: world.now(), random: world.random };
  const merchantId = (await merchantNamed(tx, merchant)) ?? newMerchantId(source);
  const accounts = (["test", "live"] as const).map((each) => ({
    accountId: newAccountId(source),
    mode: each,
  }));
  for (const account of accounts) {
    await insertAccount(tx, { ...account, merchantId, name: merchant, createdAt: source.at });
  }
  const made = accounts.find((account) => account.mode === mode);
  if (!made) throw new Error("Assertion failed: a merchant has an account of each mode");
  return made.accountId;
}
