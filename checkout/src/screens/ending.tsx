/** The screens where nothing can be paid any more, and the link that nobody knows. */
import type { CheckoutView } from "@mintro/contract/checkout";
import { useLanguage } from "../language-context.ts";
import { Heading, MerchantLine, Sheet } from "./frame.tsx";
import { Emblem } from "./icons.tsx";

interface OverProps {
  readonly view: CheckoutView;
  readonly kind: "cancelled" | "expired";
}

export function OverScreen({ view, kind }: OverProps) {
  const { texts, say } = useLanguage();
  const { title, text } = texts[kind];
  return (
    <Sheet>
      <MerchantLine view={view} />
      <Emblem kind="neutral" />
      <Heading>{title}</Heading>
      <p class="lead">{say(text, { merchant: view.merchant })}</p>
      <BackLink view={view} href={view.cancel_url} />
    </Sheet>
  );
}

export function FailedScreen({ view }: { readonly view: CheckoutView }) {
  const { texts, say } = useLanguage();
  return (
    <Sheet>
      <MerchantLine view={view} />
      <Emblem kind="bad" />
      <Heading>{texts.failed.title}</Heading>
      <p class="lead">{say(texts.failed.text, { merchant: view.merchant })}</p>
      <BackLink view={view} href={view.cancel_url} />
    </Sheet>
  );
}

export function UnknownScreen() {
  const { texts } = useLanguage();
  return (
    <Sheet>
      <Emblem kind="neutral" />
      <Heading>{texts.unknown.title}</Heading>
      <p class="lead">{texts.unknown.text}</p>
    </Sheet>
  );
}

/** Nothing for the iframe integration: the merchant's page is around this one. */
export function BackLink({ view, href }: { readonly view: CheckoutView; readonly href: string | null }) {
  const { texts, say } = useLanguage();
  if (href === null) return null;
  return (
    <a class="button" href={href}>
      {say(texts.back, { merchant: view.merchant })}
    </a>
  );
}
