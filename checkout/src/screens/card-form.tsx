/** The card form: checked before it is sent, sent once, and ready for another try where the card was declined. */
import type { CardErrors, CardField, CardInput } from "@mintro/contract/checkout";
import { useState } from "preact/hooks";
import { digitsOf } from "../card/digits.ts";
import { shapeExpiry } from "../card/expiry.ts";
import { brandOf, shapeNumber } from "../card/number.ts";
import { cardToSend, FIELDS, validateCard } from "../card/validate.ts";
import { errorTexts } from "../events.ts";
import { TEST_CARD } from "../language.ts";
import { useLanguage } from "../language-context.ts";
import type { CheckoutSession, Model } from "../session.ts";
import { BrandMark } from "./brand-mark.tsx";
import { Alert, Field, ShapedField } from "./field.tsx";
import { LockIcon, Spinner } from "./icons.tsx";

export const NUMBER_ID = "card-number";
const ALERT_ID = "attempt";
const IDS: Readonly<Record<CardField, string>> = {
  number: NUMBER_ID,
  expiry: "card-expiry",
  cvc: "card-code",
  name: "card-name",
};
const MAX_CODE_DIGITS = 4;
const MAX_NAME_CHARS = 255;

interface CardFormProps {
  readonly model: Model;
  readonly session: CheckoutSession;
  readonly name: string;
  readonly setName: (name: string) => void;
}

type Typed = Omit<CardInput, "name">;

const EMPTY: Typed = { number: "", expiry: "", cvc: "" };

export function CardForm({ model, session, name, setName }: CardFormProps) {
  const { texts, say, money } = useLanguage();
  const [typed, setTyped] = useState(EMPTY);
  const [errors, setErrors] = useState<CardErrors>({});
  const { view, attempt } = model;
  const busy = attempt !== "none" || model.leaving;
  const card: CardInput = { ...typed, name };
  const brand = brandOf(typed.number);
  const shownErrors = new Map(
    errorTexts(errors, texts).map(([field, text]) => [field, say(text, { card: TEST_CARD })] as const),
  );
  const trouble = troubleOf(model, texts);

  /** A complaint goes as soon as its cause does; new ones wait for the next press of "Pay". */
  const change = (field: CardField, value: string): void => {
    if (field === "name") setName(value);
    else setTyped((before) => ({ ...before, [field]: value }));
    if (errors[field] === undefined) return;
    const left = validateCard(cardToSend({ ...card, [field]: value }), view.test_mode, new Date());
    if (left[field] === undefined) setErrors(without(errors, field));
  };

  const show = (found: CardErrors): void => {
    setErrors(found);
    const first = FIELDS.find((field) => found[field] !== undefined);
    if (first) focusSoon(IDS[first]);
  };

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const ready = cardToSend(card);
    const found = validateCard(ready, view.test_mode, new Date());
    show(found);
    if (Object.keys(found).length > 0) return session.refuse(found);
    const end = await session.pay(ready);
    if (end.kind === "refused") show(end.errors);
    if (end.kind !== "declined") return;
    setTyped((before) => ({ ...before, number: "", cvc: "" }));
    focusSoon(NUMBER_ID);
  };

  const field = (of: CardField) => ({
    id: IDS[of],
    label: texts.fields[of],
    value: card[of],
    error: shownErrors.get(of),
    readOnly: busy,
    onValue: (value: string) => change(of, value),
  });

  return (
    <form class="form" method="post" noValidate aria-busy={busy} onSubmit={(event) => void submit(event)}>
      <h2 class="subtitle">{texts.cardDetails}</h2>
      {view.test_mode && <p class="hint">{say(texts.testHint, { card: TEST_CARD })}</p>}
      <div class="payer">
        <span class="quiet">{texts.email}</span>
        <bdi class="payer-email">{view.customer.email}</bdi>
      </div>
      <Alert id={ALERT_ID} text={trouble} stale={attempt === "sending"} onRetry={retryOf(model, session)} />
      <p class="unseen" role="alert">
        {[...shownErrors.values()].join(" ")}
      </p>
      <ShapedField
        {...field("number")}
        shape={shapeNumber}
        autocomplete="cc-number"
        describedBy={trouble === null ? undefined : ALERT_ID}
        placeholder="0000 0000 0000 0000"
        mark={<BrandMark brand={brand} />}
      />
      <div class="pair">
        <ShapedField
          {...field("expiry")}
          shape={shapeExpiry}
          autocomplete="cc-exp"
          placeholder={texts.expiryHint}
        />
        <ShapedField
          {...field("cvc")}
          shape={shapeCode}
          autocomplete="cc-csc"
          hint={brand?.codeSize === 4 ? texts.codeOnFront : texts.codeOnBack}
        />
      </div>
      <Field {...field("name")} autocomplete="cc-name" maxLength={MAX_NAME_CHARS} />
      <Consent model={model} />
      <button type="submit" class="button pay" aria-disabled={busy}>
        {busy ? (
          <>
            <Spinner /> {texts.paying}
          </>
        ) : (
          say(texts.pay, { amount: money(view.amount, view.currency) })
        )}
      </button>
      <button type="button" class="button quiet-button" aria-disabled={busy} onClick={() => session.cancel()}>
        {texts.cancel}
      </button>
      <p class="privacy quiet">
        <LockIcon /> <span>{say(texts.privacy, { merchant: view.merchant })}</span>
      </p>
    </form>
  );
}

function Consent({ model: { view } }: { readonly model: Model }) {
  const { texts, say, sayCount, money } = useLanguage();
  if (view.interval_days === null) return null;
  const every = sayCount(texts.every, view.interval_days);
  const amount = money(view.amount, view.currency);
  return <p class="consent quiet">{say(texts.consent, { merchant: view.merchant, amount, every })}</p>;
}

/** What stands above the form: the worst that is known, or nothing. */
function troubleOf(model: Model, texts: ReturnType<typeof useLanguage>["texts"]): string | null {
  const { attempt, connected, notCharged, view } = model;
  if (attempt === "unconfirmed") return texts.connection.unconfirmed;
  if (!connected) return texts.connection.lost;
  if (notCharged) return texts.connection.notCharged;
  return view.last_failure ? texts.declines[view.last_failure.reason] : null;
}

function retryOf(model: Model, session: CheckoutSession): (() => void) | undefined {
  return model.attempt !== "sending" && !model.connected ? () => session.refresh() : undefined;
}

function shapeCode(text: string): string {
  return digitsOf(text).slice(0, MAX_CODE_DIGITS);
}

function without(errors: CardErrors, field: CardField): CardErrors {
  const { [field]: _gone, ...rest } = errors;
  return rest;
}

/** After the coming render, so that what describes the field is there when a screen reader reads it. */
function focusSoon(id: string): void {
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}
