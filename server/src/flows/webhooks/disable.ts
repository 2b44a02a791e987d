/** An endpoint that has failed for five days without a success is disabled, at that very time (contract section 5). */
import { type DueEndpoint, disableEndpoint } from "../../store/webhooks.ts";
import type { Platform } from "../platform.ts";

/** False: it has answered meanwhile, or is disabled already. */
export async function disableFailing(platform: Platform, due: DueEndpoint): Promise<boolean> {
  const { accountId, endpointId, failingSince } = due;
  const isDisabled = await platform.db.transaction((tx) =>
    disableEndpoint(tx, accountId, endpointId, "failing", { failingSince }),
  );
  if (isDisabled) platform.onDisabled(endpointId, "failing");
  return isDisabled;
}
