/** What only test mode has: a clock to move, and faults to rehearse. */
import type { RequestOptions } from "../options.ts";
import type { Params, Time } from "../params.ts";
import type { Ask } from "../request.ts";
import type { AdvancedClock, ArmFaultRequest, Clock, DisarmedFaults, Fault } from "../types.ts";

/** `seconds` or `to`. With `skip` the clock jumps first and the work catches up after, as after an outage. */
export type AdvanceClockParams = { readonly skip?: boolean | undefined } & (
  | { readonly seconds: number; readonly to?: undefined }
  | { readonly to: Time; readonly seconds?: undefined }
);

export interface TestMode {
  readonly clock: {
    get(options?: RequestOptions): Promise<Clock>;
    /**
     * Moves the account's clock and does all that falls due on the way before it answers. That may take two minutes,
     * so one try waits at least that long here. Where `done` is false, send the same `to` again.
     */
    advance(params: AdvanceClockParams, options?: RequestOptions): Promise<AdvancedClock>;
  };
  readonly faults: {
    /** Lets something go wrong on purpose, for the next charges or deliveries. */
    arm(params: Params<ArmFaultRequest>, options?: RequestOptions): Promise<Fault>;
    /** What is armed, in the order of use. */
    list(options?: RequestOptions): Promise<Fault[]>;
    disarm(options?: RequestOptions): Promise<DisarmedFaults>;
  };
}

/** Longer than the two minutes after which the server answers `done: false`. */
const ADVANCE_TIMEOUT_MS = 150_000;

export function testMode(ask: Ask): TestMode {
  return {
    clock: {
      get: (options) => ask({ method: "GET", path: "/test/clock" }, options),
      advance: (body, options) =>
        ask(
          { method: "POST", path: "/test/clock/advance", body },
          { ...options, timeoutMs: options?.timeoutMs ?? ADVANCE_TIMEOUT_MS },
        ),
    },
    faults: {
      arm: (body, options) => ask({ method: "POST", path: "/test/faults", body }, options),
      list: (options) => ask({ method: "GET", path: "/test/faults" }, options),
      disarm: (options) => ask({ method: "DELETE", path: "/test/faults" }, options),
    },
  };
}
