/**
 * What may be made to go wrong in test mode (contract section 6, /test/faults), so that a merchant can rehearse it. A
 * fault only pretends: it loses, delays or doubles what passes between two parties, and changes nobody's books.
 */
import type { AccountId, TestFaultId } from "./ids.ts";

/** On the way to the sandbox and back, at a charge or at the completion of one after its challenge. */
export const CHARGE_FAULTS = [
  /** The request never reaches the sandbox. */
  "timeout_before",
  /** The sandbox did its work, and its answer is lost. */
  "timeout_after",
  /** The sandbox did its work, and answers when the platform has given up waiting. */
  "late",
  /** The request arrives twice at the same moment. */
  "twice",
] as const;
export type ChargeFault = (typeof CHARGE_FAULTS)[number];

/** On the way to the receiver of webhooks, at any try. */
export const DELIVERY_FAULTS = [
  /** The try is not made, and counts as failed. */
  "drop",
  /** The receiver gets it twice at the same moment. */
  "double",
  /** It is sent later, and the payment's later events after it. */
  "delay",
  /** It arrives after the next one to the same endpoint. */
  "swap",
] as const;
export type DeliveryFault = (typeof DELIVERY_FAULTS)[number];

export const FAULTS_OF = { charge: CHARGE_FAULTS, delivery: DELIVERY_FAULTS } as const;
export const FAULT_TARGETS = ["charge", "delivery"] as const;
export type FaultTarget = (typeof FAULT_TARGETS)[number];
export type FaultOf<Target extends FaultTarget> = (typeof FAULTS_OF)[Target][number];

export type TestFault = {
  readonly accountId: AccountId;
  readonly faultId: TestFaultId;
  readonly target: FaultTarget;
  readonly fault: ChargeFault | DeliveryFault;
  /** How many calls or tries it was armed for, and how many of them are still to come. */
  readonly count: number;
  readonly remaining: number;
};

/** Why a delivery's coming try was put off: whether the payment's later events wait for it all the same. */
export type Held = "in_turn" | "out_of_turn";
