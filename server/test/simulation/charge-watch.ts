/** Watches what is sent to the processor: nothing that the books have decided against, and nothing twice without asking. */
import type { AttemptKey } from "../../src/domain/ids.ts";
import type { AttemptRequest } from "../../src/processors/processor.ts";
import type { Stage } from "./stage.ts";

export type ChargeWatch = {
  /** Before a charge is sent. */
  onCharge(request: AttemptRequest): Promise<void>;
  /** Before the processor is asked what became of one. */
  onLookUp(attemptKey: AttemptKey): void;
};

/** A renewal that was begun before its subscription was cancelled may still be on its way out for so long. */
const GRACE_SECONDS = 5;

export function watchCharges(stage: Stage): ChargeWatch {
  /** Attempts that were sent and not asked after since. */
  const sent = new Set<AttemptKey>();
  return {
    async onCharge({ attemptKey, offSession }) {
      stage.count("charges sent");
      if (sent.has(attemptKey)) stage.wrong("asked-before-sent-again", `attempt ${attemptKey}`);
      sent.add(attemptKey);
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
    },
    onLookUp: (attemptKey) => {
      sent.delete(attemptKey);
    },
  };
}

const CANCELLED = `
  select s.subscription_id,
         ($2::bigint + a.clock_offset_us) / 1000000.0 - extract(epoch from s.cancelled_at) as seconds
    from charges c join subscriptions s on s.account_id = c.account_id and s.subscription_id = c.subscription_id
    join accounts a on a.account_id = c.account_id
   where c.attempt_key = $1 and s.status = 'cancelled'`;
