/** The form with a processor's own fields in it, which stand where ours would. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { errorTexts } from "../events.ts";
import { TEST_CARD } from "../language.ts";
import { type Language, useLanguage } from "../language-context.ts";
import type { MountFields } from "../mount-fields.ts";
import { type FieldsModel, OwnFields } from "../own-fields.ts";
import type { CheckoutSession, Model } from "../session.ts";
import { Spinner } from "./icons.tsx";
import { ALERT_ID, PayForm, troubleOf } from "./pay-form.tsx";

export const FIELDS_ID = "own-fields";

interface FieldsFormProps {
  readonly model: Model;
  readonly session: CheckoutSession;
  readonly mountFields: MountFields;
}

export function FieldsForm({ model, session, mountFields }: FieldsFormProps) {
  const language = useLanguage();
  const { texts } = language;
  const place = useRef<HTMLDivElement>(null);
  const { fields, now } = useOwnFields(session, mountFields, () => place.current);
  const busy = now.collecting || model.attempt !== "none" || model.leaving;
  // Whoever has to wait before paying again must not approve a payment in a wallet meanwhile.
  const isHeld = busy || model.notTried !== null;
  useEffect(() => fields.setBusy(isHeld), [fields, isHeld, now.state]);
  useLayoutEffect(() => {
    // Not before they are visible; and only where nobody has gone elsewhere meanwhile.
    if (now.state === "ready" && document.activeElement?.id === FIELDS_ID) fields.focus();
  }, [fields, now.state]);
  const trouble = fieldsTroubleOf(model, now, language);
  return (
    <PayForm
      model={model}
      session={session}
      trouble={trouble}
      onRetry={now.state === "lost" ? () => void fields.open() : undefined}
      busy={busy}
      collecting={now.collecting}
      payable={now.state === "ready" ? (now.takesPay ? "yes" : "no") : now.takesPay ? "soon" : "no"}
      onPay={() => void fields.press()}
      onCancel={() => fields.cancel()}
    >
      <fieldset
        id={FIELDS_ID}
        class={now.state === "ready" ? "own-fields" : "own-fields own-fields-coming"}
        tabIndex={-1}
        aria-label={texts.paymentDetails}
        aria-describedby={trouble === null ? undefined : ALERT_ID}
        aria-busy={now.state === "loading"}
      >
        {now.state === "loading" && <Spinner />}
        <div ref={place} />
      </fieldset>
      <p class="unseen" role="status">
        {now.state === "loading" ? texts.loadingFields : ""}
      </p>
    </PayForm>
  );
}

/** The life of the fields, from the form's appearing to its going. */
function useOwnFields(
  session: CheckoutSession,
  mountFields: MountFields,
  place: () => HTMLElement | null,
): { readonly fields: OwnFields; readonly now: FieldsModel } {
  const [fields] = useState(
    () =>
      new OwnFields(session, {
        mount: async (onCollected, signal) => {
          const element = place();
          if (element === null) throw new Error("no place");
          return mountFields(element, onCollected, signal);
        },
        focusPlace: () => document.getElementById(FIELDS_ID)?.focus(),
        later: (ms, then) => {
          const timer = setTimeout(then, ms);
          return () => clearTimeout(timer);
        },
      }),
  );
  const [now, setNow] = useState(fields.model);
  useEffect(() => {
    const unsubscribe = fields.subscribe(() => setNow(fields.model));
    void fields.open();
    return () => {
      unsubscribe();
      fields.close();
    };
  }, [fields]);
  return { fields, now };
}

/** What stands above the fields: as above our own, and what is known of the fields beside. */
function fieldsTroubleOf(model: Model, now: FieldsModel, { texts, say }: Language): string | null {
  if (model.attempt === "unconfirmed") return texts.connection.unconfirmed;
  if (now.state === "lost") return texts.connection.lost;
  const { refused } = now;
  if (refused === null || !model.connected) return troubleOf(model, texts);
  if ("text" in refused) return refused.text;
  return errorTexts(refused.errors, texts)
    .map(([, text]) => say(text, { card: TEST_CARD }))
    .join(" ");
}
