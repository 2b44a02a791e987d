/** Watches what is sent to the processor: nothing that the books have already decided against. */
import type { AttemptRequest } from "../../src/processors/processor.ts";
import type { Stage } from "./stage.ts";

/** A renewal that was begun before its subscription was cancelled may still be on its way out for so long. */
const GRACE_SECONDS = 5;

/** A cancelled subscription is never charged again; asking after what was sent before is fine, sending it again is not. */
export function watchCharges(stage: Stage): (request: AttemptRequest) => Promise<void> {
  return async ({ attemptKey, offSession }) => {
    stage.count("charges sent");
    if (!offSession) return;
    const [cancelled] = await stage.observe<{ subscription_id: string; seconds: string }>(CANCELLED, [
      attemptKey,
      stage.timeline.now(),
    ]);
    if (cancelled && Number(cancelled.seconds) > GRACE_SECONDS)
      stage.wrong(
        "cancelled-is-not-charged",
        `${cancelled.subscription_id} was cancelled ${cancelled.seconds} s before attempt ${attemptKey} was sent`,
      );
  };
}

const CANCELLED = `
  select s.subscription_id,
         ($2::bigint + a.clock_offset_us) / 1000000.0 - extract(epoch from s.cancelled_at) as seconds
    from charges c join subscriptions s on s.account_id = c.account_id and s.subscription_id = c.subscription_id
    join accounts a on a.account_id = c.account_id
   where c.attempt_key = $1 and s.status = 'cancelled'`;
