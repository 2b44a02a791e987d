/** Gives a client a new secret; the one before opens beside it for 24 hours, so that servers can change over one by one. */
import { plusMs } from "../../base/instant.ts";
import { CLIENTS } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { type Client, lackingPermission } from "../../domain/account.ts";
import type { ClientId } from "../../domain/ids.ts";
import { findClientOf, type ManagedClient, rotateClientSecret } from "../../store/clients.ts";
import type { Tx } from "../../store/database.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";
import { newClientSecret, secretHash } from "./create.ts";
import type { LacksPermission } from "./issue.ts";

export type RotateFailure =
  | LacksPermission
  | { readonly kind: "client_not_found" }
  | { readonly kind: "client_revoked" };

/** Whoever gets the new secret can do what the client can: so it may do no more than the asker. */
export async function rotateClient(
  platform: Platform,
  asker: Client,
  command: {
    readonly clientId: ClientId;
    readonly keyed: Keyed | null;
    readonly present: (client: ManagedClient, secret: string) => string;
  },
): Promise<Result<Answered, RotateFailure | KeyFailure>> {
  const { accountId } = asker.account;
  const { clientId, keyed, present } = command;
  const rotate = async (tx: Tx): Promise<Result<string, RotateFailure>> => {
    const client = await findClientOf(tx, accountId, clientId);
    if (!client) return fail({ kind: "client_not_found" });
    const lacking = lackingPermission(asker.permissions, client.permissions);
    if (lacking) return fail({ kind: "not_permitted", permission: lacking });
    const secret = newClientSecret(platform.world);
    const until = plusMs(platform.world.now(), CLIENTS.overlapMs);
    const to = { secretSha256: secretHash(secret), until };
    const rotated = await rotateClientSecret(tx, accountId, clientId, to);
    return rotated ? ok(present(rotated, secret)) : fail({ kind: "client_revoked" });
  };
  return await once<RotateFailure>(platform, accountId, keyed, rotate, { seal: true });
}
