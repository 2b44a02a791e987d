/** Revokes a client of the asker's account, itself too: from the next request on it is nobody, its old secret included. */
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { ClientId } from "../../domain/ids.ts";
import { type ManagedClient, revokeClientOf } from "../../store/clients.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";

export type RevokeFailure = { readonly kind: "client_not_found" };

export async function revoke(
  platform: Platform,
  { account: { accountId } }: Books,
  command: {
    readonly clientId: ClientId;
    readonly keyed: Keyed | null;
    readonly present: (client: ManagedClient) => string;
  },
): Promise<Result<Answered, RevokeFailure | KeyFailure>> {
  const { clientId, keyed, present } = command;
  return await once<RevokeFailure>(platform, accountId, keyed, async (tx) => {
    const revoked = await revokeClientOf(tx, accountId, clientId, platform.world.now());
    return revoked ? ok(present(revoked)) : fail({ kind: "client_not_found" });
  });
}
