/**
 * The way to the sandbox processor in a simulation: requests and answers take their time, and at times one is lost, late
 * or doubled. What has been sent arrives though its sender dies meanwhile; an answer to a dead process reaches nobody.
 */
import type { Link, LinkCall } from "../../src/processors/sandbox/link.ts";
import type { Chance } from "./chance.ts";
import type { Call, Way } from "./fault-plan.ts";
import { SECOND, type Stage } from "./stage.ts";
import { type Life, OUTSIDE } from "./timeline.ts";

type Fault = "none" | Way;

const FAULTS: Readonly<Record<Fault, number>> = {
  none: 73,
  "request lost": 6,
  "request refused": 2,
  "request late": 4,
  "answer lost": 4,
  "answer broken off": 4,
  "answer late": 4,
  "request doubled": 3,
};

/** Completing moves the money of a challenged payment, and is sent at each reload of the page. */
const FAULTS_OF_COMPLETE: Readonly<Record<Fault, number>> = { ...FAULTS, "request doubled": 20 };

const PURPOSE: Readonly<Record<LinkCall["method"], Call>> = {
  charge: "charge",
  complete: "charge",
  refund: "refund",
  saveCard: "question",
  lookUp: "question",
  abandon: "question",
  lookUpRefund: "question",
};

/** What the platform gets instead of an answer. */
class NoAnswer extends Error {
  override name = "NoAnswer";
}

export function createFaultyNetwork(stage: Stage, life: Life): Link {
  const chance = stage.chance.fork(`network/${life.name}`);
  return {
    async carry<T>(call: LinkCall, send: () => Promise<T>): Promise<T> {
      const label = `sandbox ${call.method}`;
      await stage.pause(life, `sends ${label}`);
      const purpose = PURPOSE[call.method];
      const chosen = () => chance.weighted(call.method === "complete" ? FAULTS_OF_COMPLETE : FAULTS);
      const fault = stage.troubled ? (stage.faults.way(purpose) ?? chosen()) : "none";
      if (fault !== "none") stage.count(`${purpose}: ${fault}`);
      const trip = { stage, life, label, fault, chance, send: () => stage.really(OUTSIDE, send) };
      return await new Promise<T>((resolve, reject) => void travel(trip, resolve, reject));
    },
  };
}

type Trip<T> = {
  readonly stage: Stage;
  readonly life: Life;
  readonly label: string;
  readonly fault: Fault;
  readonly chance: Chance;
  readonly send: () => Promise<T>;
};

async function travel<T>(
  trip: Trip<T>,
  resolve: (answer: T) => void,
  reject: (error: unknown) => void,
): Promise<void> {
  const { stage, life, label, fault, chance } = trip;
  const later = (micros: number, what: string, then: () => void) =>
    stage.timeline.after(micros, life, `${what} ${label}`, then);
  const late = () => chance.between(SECOND, 12.5 * SECOND);
  if (fault === "request lost") return;
  if (fault === "request refused")
    return later(hop(chance), "refused", () => reject(new NoAnswer("refused")));

  await stage.timeline.sleep(fault === "request late" ? late() : hop(chance), OUTSIDE, `arrives ${label}`);
  const answer = await outcomeOf(trip.send);
  if (fault === "answer lost") return;
  if (fault === "answer broken off")
    return later(hop(chance), "broken off", () => reject(new NoAnswer("broken off")));
  const back = () => (answer.ok ? resolve(answer.value) : reject(answer.error));
  if (fault !== "request doubled")
    return later(fault === "answer late" ? late() : hop(chance), "answered", back);

  const firstAnswers = chance.flip(0.5);
  if (firstAnswers) later(hop(chance), "answered", back);
  await stage.timeline.sleep(chance.flip(0.5) ? hop(chance) : late(), OUTSIDE, `arrives again ${label}`);
  const again = await outcomeOf(trip.send);
  if (!firstAnswers)
    later(hop(chance), "answered again", () => (again.ok ? resolve(again.value) : reject(again.error)));
}

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function outcomeOf<T>(send: () => Promise<T>): Promise<Outcome<T>> {
  return send().then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );
}

function hop(chance: Chance): number {
  return 1_000 + chance.about(30_000);
}
