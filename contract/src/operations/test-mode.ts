/** Operations of test mode: the clock, and faults on purpose (contract section 6). */
import { boolean, integer, oneOf } from "../laravel-kinds.ts";
import { type Kind, optional, required } from "../laravel-rules.ts";
import { messages } from "../laravel-texts.ts";
import { ALL_FAULTS, FAULT_TARGETS, FAULTS_OF, REQUEST_LIMITS } from "../vocabulary.ts";
import { instant } from "./kinds.ts";
import { operation } from "./operation.ts";

const tag = "Test mode";
const permission = "test:write";

export const getClock = operation({
  operationId: "getClock",
  method: "GET",
  path: "/test/clock",
  tag,
  permission,
  summary: "Get the test clock",
  description: "What time it is in the account.",
  shape: "one",
  failures: ["clock_not_in_live_mode"],
});

export const advanceClock = operation({
  operationId: "advanceClock",
  method: "POST",
  path: "/test/clock/advance",
  tag,
  permission,
  summary: "Advance the test clock",
  description:
    "Moves the account's time, and does everything that falls due on the way before it answers: renewals, retries, expiries, deliveries, each at its own time. Give either `seconds` or `to`. What takes longer than two minutes answers `done: false`: send the same `to` again.",
  body: {
    seconds: optional(integer({ min: 0, max: REQUEST_LIMITS.clockDays * 86_400 }), {
      description: "How far, in seconds. This or `to`.",
      example: 2_592_000,
    }),
    to: optional(instant, {
      description: `To when: not before the account's present time, and at most ${REQUEST_LIMITS.clockDays} days ahead. This or \`seconds\`.`,
      example: "2026-12-23T03:39:24.715903Z",
    }),
    skip: optional(boolean(), {
      description: "`true`: the clock jumps first and the work catches up after, as after an outage.",
      example: false,
    }),
  },
  bodyExample: { seconds: 2_592_000 },
  shape: "one",
  failures: ["clock_not_in_live_mode", "clock_cannot_go_back", "clock_too_far", "clock_busy"],
});

const anyFault = oneOf(ALL_FAULTS);

/** `in`, of the target's faults; where the target is missing or wrong, of all. */
const faultOfTarget: Kind<(typeof ALL_FAULTS)[number]> = {
  schema: anyFault.schema,
  read(value, key, siblings) {
    const target = FAULT_TARGETS.find((known) => known === siblings("target"));
    const known: readonly unknown[] = target ? FAULTS_OF[target] : ALL_FAULTS;
    return known.includes(value) ? anyFault.read(value, key, siblings) : { texts: [messages.in(key)] };
  },
};

export const armFault = operation({
  operationId: "armFault",
  method: "POST",
  path: "/test/faults",
  tag,
  permission,
  summary: "Arm a fault",
  description:
    "Lets something go wrong on purpose, for the next charges, refunds or deliveries of the account.\n\nOf a `charge`: `timeout_before` (the request never reaches the sandbox), `timeout_after` (the money moves, and the answer is lost), `late` (the answer comes after Mintro has stopped waiting), `twice` (the request arrives twice). Of a `refund`: `refuse` (the sandbox says no, and the refund is `failed`). Of a `delivery`: `drop` (the try is not made, and counts as failed), `double` (your server gets it twice at the same moment), `delay` (it comes ten seconds later), `swap` (it comes after the next one).",
  body: {
    target: required(oneOf(FAULT_TARGETS), { description: "What it strikes.", example: "charge" }),
    fault: required(faultOfTarget, {
      description: "What goes wrong: one of the target's.",
      example: "timeout_after",
    }),
    count: optional(integer({ min: 1, max: REQUEST_LIMITS.faultCount }), {
      description: "How many times it strikes. Once if absent.",
      example: 3,
    }),
  },
  shape: "one",
  failures: ["faults_not_in_live_mode", "too_many_faults"],
});

export const listFaults = operation({
  operationId: "listFaults",
  method: "GET",
  path: "/test/faults",
  tag,
  permission,
  summary: "List armed faults",
  description:
    "Those still to strike, of each target in the order of their use. All of them at once, without pages.",
  shape: "one",
  failures: ["faults_not_in_live_mode"],
});

export const disarmFaults = operation({
  operationId: "disarmFaults",
  method: "DELETE",
  path: "/test/faults",
  tag,
  permission,
  summary: "Disarm all faults",
  description: "Webhooks that are held back already still come at their time.",
  shape: "one",
  failures: ["faults_not_in_live_mode"],
});
