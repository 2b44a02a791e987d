/** The form around whatever takes the customer's payment details: what is wrong above it, and the two ways out of it. */
import type { ComponentChildren } from "preact";
import { TEST_CARD, unbroken } from "../language.ts";
import { useLanguage } from "../language-context.ts";
import type { AppMessages } from "../messages/messages.ts";
import type { CheckoutSession, Model } from "../session.ts";
import { Alert } from "./field.tsx";
import { LockIcon, Spinner } from "./icons.tsx";

/** What describes the fields while there is something wrong: `troubleOf` is not null. */
export const ALERT_ID = "attempt";

interface PayFormProps {
  readonly model: Model;
  readonly session: CheckoutSession;
  /** As `troubleOf` gives it, or something that is known of the fields beside. */
  readonly trouble: string | null;
  /** Something else that is being waited for, and can be asked for at once. */
  readonly onRetry?: (() => void) | undefined;
  readonly busy: boolean;
  /** Busy with the fields, before an attempt is made. */
  readonly collecting?: boolean;
  /** Whether "Pay" has something to do: not yet, or nothing at all. */
  readonly payable?: "yes" | "soon" | "no";
  /** Pressed while not busy. */
  readonly onPay: () => void;
  readonly onCancel: () => void;
  readonly children: ComponentChildren;
}

export function PayForm({ model, session, trouble, onRetry, busy, ...props }: PayFormProps) {
  const { texts, say } = useLanguage();
  const { collecting = false, payable = "yes" } = props;
  const { view, attempt } = model;
  const ours = view.collection === "our_form";
  const isLost = attempt !== "sending" && !model.connected;
  const retry = (): void => {
    session.refresh();
    onRetry?.();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy && payable === "yes" && model.notTried === null) props.onPay();
  };
  return (
    <form class="form" method="post" noValidate aria-busy={busy} onSubmit={submit}>
      <div class="payer">
        <span class="quiet">{texts.email}</span>
        <bdi class="payer-email">{view.customer.email}</bdi>
      </div>
      <h2 class="subtitle">{ours ? texts.cardDetails : texts.paymentDetails}</h2>
      {view.test_mode && ours && (
        <p class="hint">
          <span class="hint-money">{texts.noRealMoney}</span> {say(texts.testHint, { card: TEST_CARD })}
        </p>
      )}
      <Alert
        id={ALERT_ID}
        text={trouble}
        stale={attempt === "sending" || collecting}
        onRetry={isLost || onRetry ? retry : undefined}
      />
      {props.children}
      <Consent model={model} />
      <Buttons model={model} busy={busy} payable={payable} onCancel={props.onCancel} />
      <p class="privacy quiet">
        <LockIcon /> <span>{say(texts.privacy, { merchant: view.merchant })}</span>
      </p>
    </form>
  );
}

/** What stands above the fields: the worst that is known, or nothing. */
export function troubleOf(model: Model, texts: AppMessages): string | null {
  const { attempt, connected, notCharged, notTried, view } = model;
  if (attempt === "unconfirmed") return texts.connection.unconfirmed;
  if (!connected) return texts.connection.lost;
  if (notTried !== null) return texts.notTried[notTried];
  if (notCharged) return texts.connection.notCharged;
  return view.last_failure ? texts.declines[view.last_failure.reason] : null;
}

function Consent({ model: { view } }: { readonly model: Model }) {
  const { texts, say, sayCount, money } = useLanguage();
  if (view.interval_days === null) return null;
  const every = unbroken(sayCount(texts.every, view.interval_days));
  const amount = money(view.amount, view.currency);
  const text = view.collection === "our_form" ? texts.consent : texts.consentAnyMethod;
  return <p class="consent quiet">{say(text, { merchant: view.merchant, amount, every })}</p>;
}

interface ButtonsProps {
  readonly model: Model;
  readonly busy: boolean;
  readonly payable: "yes" | "soon" | "no";
  readonly onCancel: () => void;
}

/** Not `disabled` while busy, which would take the focus away; what they do asks again whether it may. */
function Buttons({ model, busy, payable, onCancel }: ButtonsProps) {
  const { view, attempt, leaving, notTried } = model;
  const { texts, say, money } = useLanguage();
  const pay = say(texts.pay, { amount: money(view.amount, view.currency) });
  return (
    <>
      {(payable !== "no" || busy) && (
        <button
          type="submit"
          class="button pay"
          aria-disabled={busy || payable !== "yes" || notTried !== null}
        >
          {busy && <Spinner />}
          {busy ? texts.paying : pay}
        </button>
      )}
      <button
        type="button"
        class="button quiet-button"
        aria-disabled={attempt !== "none" || leaving}
        onClick={onCancel}
      >
        {texts.cancel}
      </button>
      <p class="unseen" role="status">
        {busy ? texts.paying : ""}
      </p>
    </>
  );
}
