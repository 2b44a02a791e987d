/**
 * What may be made to go wrong in test mode (contract section 6, /test/faults), so that a merchant can rehearse it. A
 * fault only pretends: it loses, delays or doubles what passes between two parties, and changes nobody's books.
 */
import type { ALL_FAULTS, CHARGE_FAULTS, FAULT_TARGETS, FAULTS_OF } from "@mintro/contract/vocabulary";
import type { AccountId, TestFaultId } from "./ids.ts";

export type ChargeFault = (typeof CHARGE_FAULTS)[number];
export type FaultTarget = (typeof FAULT_TARGETS)[number];
export type FaultOf<Target extends FaultTarget> = (typeof FAULTS_OF)[Target][number];

export type TestFault = {
  readonly accountId: AccountId;
  readonly faultId: TestFaultId;
  readonly target: FaultTarget;
  readonly fault: (typeof ALL_FAULTS)[number];
  /** How many calls or tries it was armed for, and how many of them are still to come. */
  readonly count: number;
  readonly remaining: number;
};

/** Why a delivery's coming try was put off: whether the payment's later events wait for it all the same. */
export type Held = "in_turn" | "out_of_turn";
