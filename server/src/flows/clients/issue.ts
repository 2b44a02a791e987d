/** A client makes another of its own account, with no permission that it lacks itself. The secret is shown in this one answer. */
import { CLIENTS } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { type Client, lackingPermission, type Permission } from "../../domain/account.ts";
import type { ClientId } from "../../domain/ids.ts";
import { insertClient, lockAccount } from "../../store/accounts.ts";
import { countClientsOf, type ManagedClient } from "../../store/clients.ts";
import type { Tx } from "../../store/database.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";
import { newClientId, newClientSecret, secretHash } from "./create.ts";

export type LacksPermission = { readonly kind: "not_permitted"; readonly permission: Permission };
export type IssueFailure = LacksPermission | { readonly kind: "too_many_clients"; readonly most: number };

export async function issueClient(
  platform: Platform,
  asker: Client,
  command: {
    readonly name: string;
    readonly permissions: readonly Permission[];
    readonly keyed: Keyed | null;
    readonly present: (client: ManagedClient, secret: string) => string;
  },
): Promise<Result<Answered, IssueFailure | KeyFailure>> {
  const { accountId, mode } = asker.account;
  const { name, permissions, keyed, present } = command;
  const lacking = lackingPermission(asker.permissions, permissions);
  if (lacking) return fail({ kind: "not_permitted", permission: lacking });
  const issue = async (tx: Tx): Promise<Result<string, IssueFailure>> => {
    await lockAccount(tx, accountId);
    const { most } = CLIENTS;
    if ((await countClientsOf(tx, accountId)) >= most) return fail({ kind: "too_many_clients", most });
    const clientId = newClientId(platform.world, mode) as ClientId;
    const secret = newClientSecret(platform.world);
    const createdAt = platform.world.now();
    const secretSha256 = secretHash(secret);
    await insertClient(tx, { clientId, accountId, secretSha256, permissions, name, createdAt });
    const unused = { lastUsedAt: null, previousSecretUntil: null, revokedAt: null };
    return ok(present({ clientId, name, permissions, createdAt, ...unused }, secret));
  };
  return await once<IssueFailure>(platform, accountId, keyed, issue, { seal: true });
}
