/** What the customer has typed into the card form, what is wrong with it, and the way to "Pay". */
import type { CardErrors, CardField, CardInput, DeclineReason } from "@mintro/contract/checkout";
import { useState } from "preact/hooks";
import { cardToSend, FIELDS, validateCard } from "../card/validate.ts";
import type { CheckoutSession } from "../session.ts";

export const FIELD_IDS: Readonly<Record<CardField, string>> = {
  number: "card-number",
  expiry: "card-expiry",
  cvc: "card-code",
  name: "card-name",
};

export interface CardEntry {
  readonly card: CardInput;
  readonly errors: CardErrors;
  /** What the last decline was about, until it is changed. */
  readonly blamed: CardField | null;
  readonly change: (field: CardField, value: string) => void;
  /** Checks the card, complains or sends it, and afterwards leaves the form ready for another try. */
  readonly submit: () => Promise<void>;
}

type Typed = Omit<CardInput, "name">;

/** What a decline leaves in the form, for as long as the page lives. The code is entered anew each time. */
const AFTER_DECLINE: Partial<
  Readonly<Record<DeclineReason, { readonly focus: CardField; readonly blamed: boolean }>>
> = {
  incorrect_cvc: { focus: "cvc", blamed: true },
  expired_card: { focus: "expiry", blamed: true },
  processing_error: { focus: "cvc", blamed: false },
};

/** The name is the caller's to keep: it outlives the form. */
export function useCardEntry(
  session: CheckoutSession,
  name: string,
  setName: (name: string) => void,
): CardEntry {
  const [typed, setTyped] = useState<Typed>({ number: "", expiry: "", cvc: "" });
  const [errors, setErrors] = useState<CardErrors>({});
  const [blamed, setBlamed] = useState<CardField | null>(null);
  const card: CardInput = { ...typed, name };
  const check = (entered: CardInput): CardErrors =>
    validateCard(cardToSend(entered), session.model.view.test_mode, new Date());

  const change = (field: CardField, value: string): void => {
    if (field === "name") setName(value);
    else setTyped((before) => ({ ...before, [field]: value }));
    if (field === blamed) setBlamed(null);
    // A complaint goes as soon as its cause does; new ones wait for the next press of "Pay".
    if (errors[field] === undefined) return;
    if (check({ ...card, [field]: value })[field] === undefined) setErrors(without(errors, field));
  };

  const show = (found: CardErrors): void => {
    setErrors(found);
    const first = FIELDS.find((field) => found[field] !== undefined);
    if (first) focusSoon(FIELD_IDS[first]);
  };

  const submit = async (): Promise<void> => {
    const found = check(card);
    show(found);
    if (Object.keys(found).length > 0) {
      session.refuse(found);
      return;
    }
    setBlamed(null);
    const end = await session.pay(cardToSend(card));
    if (end.kind === "refused") show(end.errors);
    if (end.kind !== "declined") return;
    const reason = session.model.view.last_failure?.reason;
    const left = reason && AFTER_DECLINE[reason];
    setTyped((before) => ({ ...before, ...(left ? {} : { number: "" }), cvc: "" }));
    setBlamed(left?.blamed ? left.focus : null);
    focusSoon(FIELD_IDS[left?.focus ?? "number"]);
  };

  return { card, errors, blamed, change, submit };
}

function without(errors: CardErrors, field: CardField): CardErrors {
  const { [field]: _gone, ...rest } = errors;
  return rest;
}

/** After the coming rendering, so that what describes the field is there when a screen reader reads it. */
function focusSoon(id: string): void {
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}
