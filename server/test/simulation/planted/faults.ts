/**
 * Six guards, each broken on purpose in a copy of the sources, to show that the simulation would find it. An edit replaces
 * a text that must stand in its file exactly once: where the sources have moved on, the edit fails and has to follow them.
 */
export type Edit = {
  /** Below server/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
};

export type PlantedFault = {
  readonly name: string;
  /** What the guard is for. */
  readonly guard: string;
  readonly edits: readonly Edit[];
  /** A seed that finds it, and in how many days. */
  readonly seed: number;
  readonly days: number;
  /** One of these invariants is violated. */
  readonly foundBy: readonly string[];
};

export const PLANTED: readonly PlantedFault[] = [
  {
    name: "compare-and-set",
    guard:
      "An intent's arrow is taken only from the state that was read: of a payment and a cancel, one wins.",
    edits: [
      {
        file: "src/store/intents.ts",
        find: `
       and status = \${before.status} and charge_id is not distinct from \${chargeOf(before)}
       and failed_charges = \${before.failedCharges}`,
        replace: "",
      },
    ],
    seed: 4,
    days: 6,
    foundBy: ["payment-canceled-told", "intent-follows-its-charge"],
  },
  {
    name: "processor key",
    guard: "The same attempt carries the same key, however often it is sent: a lost answer charges once.",
    edits: [
      {
        file: "src/flows/charges/attempt.ts",
        find: "    attemptKey: charge.attemptKey,\n    amount: charge.amount,",
        replace:
          "    attemptKey: newAttemptKey({ at: platform.world.now(), random: platform.world.random }),\n    amount: charge.amount,",
      },
      {
        file: "src/flows/charges/attempt.ts",
        find: 'import type { IntentFacts } from "../../domain/intent.ts";',
        replace:
          'import { newAttemptKey } from "../../domain/ids.ts";\nimport type { IntentFacts } from "../../domain/intent.ts";',
      },
    ],
    seed: 3,
    days: 6,
    foundBy: ["moved-money-is-booked"],
  },
  {
    name: "unique cycle",
    guard:
      "Of two workers that renew the same cycle, the compare-and-set and behind it the unique index let one.",
    edits: [
      {
        file: "migrations/0003_refunds.sql",
        find: "create unique index charges_one_per_cycle",
        replace: "create index charges_one_per_cycle",
      },
      {
        file: "src/flows/subscriptions/renew.ts",
        find: "if (!(await compareAndSetSubscription(tx, subscription, startRenewal(subscription, chargeId))))\n      return null;",
        replace: "await compareAndSetSubscription(tx, subscription, startRenewal(subscription, chargeId));",
      },
    ],
    seed: 4,
    days: 6,
    foundBy: ["cycle-charged-once"],
  },
  {
    name: "event in the same transaction",
    guard:
      "A change and its event commit together: a process that dies in between leaves neither without the other.",
    edits: [
      {
        file: "src/flows/charges/settle.ts",
        find: "  await writeEvents(platform, tx, before.intent.facts, next.events, now);",
        replace: "  later.push((own) => writeEvents(platform, own, before.intent.facts, next.events, now));",
      },
      {
        file: "src/flows/charges/settle.ts",
        find: "  if (settled) platform.wake();",
        replace:
          "  for (const write of later.splice(0)) await platform.db.transaction(write);\n  if (settled) platform.wake();",
      },
      {
        file: "src/flows/charges/settle.ts",
        find: "type Before = {",
        replace: "const later: ((tx: Tx) => Promise<void>)[] = [];\n\ntype Before = {",
      },
    ],
    seed: 5,
    days: 6,
    foundBy: ["payment-succeeded-told", "payment-failed-told", "renewals-told"],
  },
  {
    name: "lease",
    guard: "A delivery that one worker tries is not tried by another at the same time.",
    edits: [
      {
        file: "src/store/webhooks.ts",
        find: `and d.due_at = w.due_at and (d.lease_until is null or d.lease_until < \${ts(lease.wall)})`,
        replace: "and d.due_at = w.due_at",
      },
    ],
    seed: 3,
    days: 6,
    foundBy: ["one-try-at-a-time", "acknowledged-not-sent-again"],
  },
  {
    name: "look-up before retry",
    guard: "What became of an attempt is asked before it is sent again or given up.",
    edits: [
      {
        file: "src/flows/charges/reconcile.ts",
        find: 'const found = await ask(platform, charge.facts, "a look-up", () => processor.lookUp(attempt));\n  if (found.kind === "unknown_attempt") {',
        replace: 'const found = { kind: "unknown_attempt" };\n  if (found.kind === "unknown_attempt") {',
      },
    ],
    seed: 3,
    days: 6,
    foundBy: ["asked-before-sent-again", "moved-money-is-booked"],
  },
];
