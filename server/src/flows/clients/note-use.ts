/** Notes that a client is in use, at most once a minute, beside the request and not in its way: a note that fails is made later. */
import { plusMs } from "../../base/instant.ts";
import { CLIENTS } from "../../base/limits.ts";
import type { Client } from "../../domain/account.ts";
import { recordClientUse } from "../../store/clients.ts";
import type { Platform } from "../platform.ts";

/** What it gives back is told of each use, and answers at once. */
export function createUseNoter({
  db,
  world,
  log,
}: Pick<Platform, "db" | "world" | "log">): (client: Client) => void {
  const beingNoted = new Set<string>();
  return ({ clientId, lastUsedAt, account: { accountId } }) => {
    const at = world.now();
    const notSince = plusMs(at, -CLIENTS.useNotedEveryMs);
    if (beingNoted.has(clientId) || (lastUsedAt !== null && lastUsedAt >= notSince)) return;
    beingNoted.add(clientId);
    void recordClientUse(db, accountId, clientId, { at, notSince })
      .catch((error: unknown) =>
        log.debug({ err: error, client_id: clientId }, "a client's use was not noted"),
      )
      .finally(() => beingNoted.delete(clientId));
  };
}
