/** The card form as it looks: what is wrong above and beneath the fields, and the two ways out of it. */
import type { CardField } from "@mintro/contract/checkout";
import { digitsOf } from "../card/digits.ts";
import { shapeExpiry } from "../card/expiry.ts";
import { brandOf, shapeNumber } from "../card/number.ts";
import { errorTexts } from "../events.ts";
import { TEST_CARD } from "../language.ts";
import { useLanguage } from "../language-context.ts";
import type { AppMessages } from "../messages/messages.ts";
import type { CheckoutSession, Model } from "../session.ts";
import { BrandMark } from "./brand-mark.tsx";
import { type CardEntry, FIELD_IDS, useCardEntry } from "./card-entry.ts";
import { Alert, Field, ShapedField } from "./field.tsx";
import { LockIcon, Spinner } from "./icons.tsx";

const ALERT_ID = "attempt";
const MAX_CODE_DIGITS = 4;
const MAX_NAME_CHARS = 255;

export interface CardFormProps {
  readonly model: Model;
  readonly session: CheckoutSession;
  readonly name: string;
  readonly setName: (name: string) => void;
}

export function CardForm({ model, session, name, setName }: CardFormProps) {
  const { texts, say } = useLanguage();
  const entry = useCardEntry(session, name, setName);
  const { view, attempt } = model;
  const busy = attempt !== "none" || model.leaving;
  const trouble = troubleOf(model, texts);
  const retry = attempt !== "sending" && !model.connected ? () => session.refresh() : undefined;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy) void entry.submit();
  };
  return (
    <form class="form" method="post" noValidate aria-busy={busy} onSubmit={submit}>
      <h2 class="subtitle">{texts.cardDetails}</h2>
      {view.test_mode && <p class="hint">{say(texts.testHint, { card: TEST_CARD })}</p>}
      <div class="payer">
        <span class="quiet">{texts.email}</span>
        <bdi class="payer-email">{view.customer.email}</bdi>
      </div>
      <Alert id={ALERT_ID} text={trouble} stale={attempt === "sending"} onRetry={retry} />
      <Fields entry={entry} busy={busy} describedBy={trouble === null ? undefined : ALERT_ID} />
      <Consent model={model} />
      <Buttons model={model} busy={busy} onCancel={() => session.cancel()} />
      <p class="privacy quiet">
        <LockIcon /> <span>{say(texts.privacy, { merchant: view.merchant })}</span>
      </p>
    </form>
  );
}

/** What stands above the fields: the worst that is known, or nothing. */
function troubleOf(model: Model, texts: AppMessages): string | null {
  const { attempt, connected, notCharged, view } = model;
  if (attempt === "unconfirmed") return texts.connection.unconfirmed;
  if (!connected) return texts.connection.lost;
  if (notCharged) return texts.connection.notCharged;
  return view.last_failure ? texts.declines[view.last_failure.reason] : null;
}

interface FieldsProps {
  readonly entry: CardEntry;
  readonly busy: boolean;
  /** What else describes the number, which has the focus after a decline. */
  readonly describedBy: string | undefined;
}

function Fields({ entry, busy, describedBy }: FieldsProps) {
  const { texts, say } = useLanguage();
  const { card, errors, change } = entry;
  const brand = brandOf(card.number);
  const complaints = new Map(
    errorTexts(errors, texts).map(([field, text]) => [field, say(text, { card: TEST_CARD })] as const),
  );
  const field = (of: CardField) => ({
    id: FIELD_IDS[of],
    label: texts.fields[of],
    value: card[of],
    error: complaints.get(of),
    readOnly: busy,
    onValue: (value: string) => change(of, value),
  });
  return (
    <>
      <p class="unseen" role="alert">
        {[...complaints.values()].join(" ")}
      </p>
      <ShapedField
        {...field("number")}
        shape={shapeNumber}
        autocomplete="cc-number"
        describedBy={describedBy}
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
    </>
  );
}

function shapeCode(text: string): string {
  return digitsOf(text).slice(0, MAX_CODE_DIGITS);
}

function Consent({ model: { view } }: { readonly model: Model }) {
  const { texts, say, sayCount, money } = useLanguage();
  if (view.interval_days === null) return null;
  const every = sayCount(texts.every, view.interval_days);
  const amount = money(view.amount, view.currency);
  return <p class="consent quiet">{say(texts.consent, { merchant: view.merchant, amount, every })}</p>;
}

interface ButtonsProps {
  readonly model: Model;
  readonly busy: boolean;
  readonly onCancel: () => void;
}

/** Not `disabled` while busy, which would take the focus away; what they do asks again whether it may. */
function Buttons({ model: { view }, busy, onCancel }: ButtonsProps) {
  const { texts, say, money } = useLanguage();
  const pay = say(texts.pay, { amount: money(view.amount, view.currency) });
  return (
    <>
      <button type="submit" class="button pay" aria-disabled={busy}>
        {busy && <Spinner />}
        {busy ? texts.paying : pay}
      </button>
      <button type="button" class="button quiet-button" aria-disabled={busy} onClick={onCancel}>
        {texts.cancel}
      </button>
      <p class="unseen" role="status">
        {busy ? texts.paying : ""}
      </p>
    </>
  );
}
