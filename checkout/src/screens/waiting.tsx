/** The screens of an open payment that take no card: its outcome is unknown, the bank is asked, or the customer left. */
import type { CheckoutView } from "@mintro/contract/checkout";
import { useLanguage } from "../language-context.ts";
import { Alert } from "./field.tsx";
import { Heading, MerchantLine, Sheet } from "./frame.tsx";
import { Emblem } from "./icons.tsx";

interface ProcessingProps {
  readonly view: CheckoutView;
  readonly connected: boolean;
  readonly onRetry: () => void;
}

export function ProcessingScreen({ view, connected, onRetry }: ProcessingProps) {
  const { texts, say, money } = useLanguage();
  return (
    <Sheet>
      <MerchantLine view={view} />
      <Emblem kind="waiting" />
      <Heading>{texts.processing.title}</Heading>
      <p class="result-amount">
        <bdi>{money(view.amount, view.currency)}</bdi>
      </p>
      <p class="lead">{texts.processing.text}</p>
      <p class="quiet">{say(texts.processing.closing, { merchant: view.merchant })}</p>
      <Alert id="connection" text={connected ? null : texts.connection.lost} onRetry={onRetry} />
    </Sheet>
  );
}

export function ActionScreen({ view, leaving }: { readonly view: CheckoutView; readonly leaving: boolean }) {
  const { texts } = useLanguage();
  return (
    <Sheet>
      <MerchantLine view={view} />
      <Emblem kind={leaving ? "waiting" : "neutral"} />
      <Heading>{texts.action.title}</Heading>
      <p class="lead">{texts.action.text}</p>
      {view.challenge_url !== null && (
        <a class="button" href={view.challenge_url}>
          {texts.action.link}
        </a>
      )}
    </Sheet>
  );
}

interface CanceledHereProps {
  readonly view: CheckoutView;
  readonly onResume: () => void;
}

export function CanceledHereScreen({ view, onResume }: CanceledHereProps) {
  const { texts } = useLanguage();
  return (
    <Sheet>
      <MerchantLine view={view} />
      <Emblem kind="neutral" />
      <Heading>{texts.canceledHere.title}</Heading>
      <p class="lead">{texts.canceledHere.text}</p>
      <button type="button" class="button" onClick={onResume}>
        {texts.canceledHere.resume}
      </button>
    </Sheet>
  );
}
