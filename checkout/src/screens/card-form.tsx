/** The card form as it looks: its fields, and what is wrong beneath each of them. */
import type { CardField } from "@mintro/contract/checkout";
import { digitsOf } from "../card/digits.ts";
import { shapeExpiry } from "../card/expiry.ts";
import { brandOf, shapeNumber } from "../card/number.ts";
import { errorTexts } from "../events.ts";
import { TEST_CARD } from "../language.ts";
import { useLanguage } from "../language-context.ts";
import type { CheckoutSession, Model } from "../session.ts";
import { BrandMark, CodeMark } from "./brand-mark.tsx";
import { type CardEntry, FIELD_IDS, useCardEntry } from "./card-entry.ts";
import { Field, ShapedField } from "./field.tsx";
import { ALERT_ID, PayForm, troubleOf } from "./pay-form.tsx";

const MAX_CODE_DIGITS = 4;
const MAX_NAME_CHARS = 255;

export interface CardFormProps {
  readonly model: Model;
  readonly session: CheckoutSession;
  readonly name: string;
  readonly setName: (name: string) => void;
}

export function CardForm({ model, session, name, setName }: CardFormProps) {
  const { texts } = useLanguage();
  const entry = useCardEntry(session, name, setName);
  const busy = model.attempt !== "none" || model.leaving;
  const trouble = troubleOf(model, texts);
  return (
    <PayForm
      model={model}
      session={session}
      trouble={trouble}
      busy={busy}
      onPay={() => void entry.submit()}
      onCancel={() => session.cancel()}
    >
      <Fields entry={entry} busy={busy} describedBy={trouble === null ? undefined : ALERT_ID} />
    </PayForm>
  );
}

interface FieldsProps {
  readonly entry: CardEntry;
  readonly busy: boolean;
  /** What else describes the field that the last decline was about: the number, where it says nothing else. */
  readonly describedBy: string | undefined;
}

function Fields({ entry, busy, describedBy }: FieldsProps) {
  const { texts, say } = useLanguage();
  const { card, errors, blamed, change } = entry;
  const brand = brandOf(card.number);
  const onFront = brand?.codeSize === 4;
  const complaints = new Map(
    errorTexts(errors, texts).map(([field, text]) => [field, say(text, { card: TEST_CARD })] as const),
  );
  const field = (of: CardField) => ({
    id: FIELD_IDS[of],
    label: texts.fields[of],
    value: card[of],
    error: complaints.get(of),
    blamed: of === blamed,
    describedBy: of === (blamed ?? "number") ? describedBy : undefined,
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
          placeholder={onFront ? "1234" : "123"}
          hint={onFront ? texts.codeOnFront : texts.codeOnBack}
          mark={<CodeMark onFront={onFront} />}
        />
      </div>
      <Field {...field("name")} autocomplete="cc-name" capitalize="words" maxLength={MAX_NAME_CHARS} />
    </>
  );
}

function shapeCode(text: string): string {
  return digitsOf(text).slice(0, MAX_CODE_DIGITS);
}
