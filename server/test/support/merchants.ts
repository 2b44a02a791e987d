/** Further merchants for a test: clients made as the command line makes them, each merchant with books of its own. */
import { randomUUID } from "node:crypto";
import { type Mode, PERMISSIONS, type Permission } from "../../src/domain/account.ts";
import { createClient } from "../../src/flows/clients/create.ts";
import { type Merchant, merchantOf, type TestPlatform } from "./platform.ts";

/** Without a name: a merchant nobody else has; without permissions: one that may do everything. */
export async function newMerchant(
  platform: TestPlatform,
  wanted: { merchant?: string; mode?: Mode; permissions?: readonly Permission[] } = {},
): Promise<Merchant> {
  const { db, world } = platform.running.platform;
  const pair = await createClient(db, world, {
    merchant: wanted.merchant ?? `Merchant ${randomUUID()}`,
    mode: wanted.mode ?? "test",
    name: "tests",
    permissions: wanted.permissions ?? PERMISSIONS,
  });
  return merchantOf(platform.url, pair);
}
