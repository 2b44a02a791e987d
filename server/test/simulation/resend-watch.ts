/** What merchants were told will be sent again: it must have been tried since, unless its endpoint was closed or changed. */
import type { AccountId, EndpointId, EventId } from "../../src/domain/ids.ts";
import type { Stage } from "./stage.ts";

/** `askedAt`: microseconds of wall time, before the platform did it. */
type Resend = {
  readonly accountId: AccountId;
  readonly eventId: EventId;
  readonly endpointId: EndpointId;
  readonly askedAt: number;
};
/** All that failed of the events of the last `micros`. */
type Replay = {
  readonly accountId: AccountId;
  readonly endpointId: EndpointId;
  readonly micros: number;
  readonly askedAt: number;
};

export type ResendWatch = {
  redelivered(resend: Resend): void;
  replayed(replay: Replay): void;
  /** Once nothing is in flight any more. */
  check(): Promise<void>;
};

export function createResendWatch(stage: Stage): ResendWatch {
  const resends: Resend[] = [];
  const replays: Replay[] = [];
  return {
    redelivered: (resend) => resends.push(resend),
    replayed: (replay) => replays.push(replay),
    async check() {
      const unsent = await stage.look<{ event_id: string; endpoint_id: string }>(NOT_SENT_AGAIN, [
        resends.map(({ accountId }) => accountId),
        resends.map(({ eventId }) => eventId),
        resends.map(({ endpointId }) => endpointId),
        resends.map(({ askedAt }) => askedAt),
      ]);
      const left = await stage.look<{ event_id: string; endpoint_id: string }>(LEFT_BY_REPLAY, [
        replays.map(({ accountId }) => accountId),
        replays.map(({ endpointId }) => endpointId),
        replays.map(({ micros }) => micros),
        replays.map(({ askedAt }) => askedAt),
      ]);
      for (const { event_id, endpoint_id } of [...unsent, ...left])
        stage.wrong("sent-again-when-told-so", `evt_${event_id} to we_${endpoint_id}`);
    },
  };
}

/** A try that was under way when it was asked for counts: where it is acknowledged, that was it. */
const TRIED_SINCE = `
  select 1 from delivery_tries t
   where t.account_id = d.account_id and t.event_id = d.event_id and t.endpoint_id = d.endpoint_id
     and t.tried_at + make_interval(secs => t.duration_ms / 1000.0 + 5) >= p.at`;

/** Enabled all the time since then, for the same types. */
const STILL_OPEN = `
  select 1 from webhook_endpoints e
   where e.account_id = p.account_id and e.endpoint_id = p.endpoint_id and e.enabled and e.subscribed_since < p.at`;

const NOT_SENT_AGAIN = `
  select p.event_id, p.endpoint_id
    from (select u.account_id, u.event_id, u.endpoint_id,
                 to_timestamp((u.asked_at + a.clock_offset_us) / 1000000.0) as at
            from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) as u (account_id, event_id, endpoint_id, asked_at)
            join accounts a using (account_id)) p
    left join deliveries d using (account_id, event_id, endpoint_id)
   where exists (${STILL_OPEN}) and not exists (${TRIED_SINCE}) limit 3`;

const LEFT_BY_REPLAY = `
  select d.event_id, d.endpoint_id
    from (select u.account_id, u.endpoint_id, u.micros,
                 to_timestamp((u.asked_at + a.clock_offset_us) / 1000000.0) as at
            from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) as u (account_id, endpoint_id, micros, asked_at)
            join accounts a using (account_id)) p
    join deliveries d on d.account_id = p.account_id and d.endpoint_id = p.endpoint_id and d.status = 'failed'
         and d.created_at between p.at - make_interval(secs => p.micros / 1000000.0 - 60) and p.at
   where exists (${STILL_OPEN}) and not exists (${TRIED_SINCE}) limit 3`;
