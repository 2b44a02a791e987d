/** What all screens stand in: the sheet in the middle of the page, the merchant's head, the line at the foot. */
import type { CheckoutView } from "@mintro/contract/checkout";
import type { ComponentChildren } from "preact";
import { useLanguage } from "../language-context.ts";

/** Every screen has one heading of the first order, which takes the focus when the screen appears. */
export const CHECKOUT_HEADING_ID = "heading";

interface SheetProps {
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

export function Sheet({ wide = false, children }: SheetProps) {
  const { texts, say } = useLanguage();
  return (
    <div class="page">
      <main class={wide ? "sheet sheet-wide" : "sheet"}>{children}</main>
      <footer class="foot">{say(texts.poweredBy, { name: "Mintro" })}</footer>
    </div>
  );
}

export function Heading({ children, class: className }: { children: ComponentChildren; class?: string }) {
  return (
    <h1 id={CHECKOUT_HEADING_ID} tabIndex={-1} class={className ?? "title"}>
      {children}
    </h1>
  );
}

/** The merchant's initial, as the mark that the platform does not have of it. */
export function Monogram({ merchant }: { readonly merchant: string }) {
  const [initial = "·"] = Array.from(merchant.trim());
  return (
    <span class="monogram" aria-hidden="true">
      {initial.toUpperCase()}
    </span>
  );
}

export function TestBadge({ view }: { readonly view: CheckoutView }) {
  const { texts } = useLanguage();
  return view.test_mode ? <span class="badge">{texts.testMode}</span> : null;
}

/** The merchant above a screen that is not about the order. */
export function MerchantLine({ view }: { readonly view: CheckoutView }) {
  return (
    <div class="merchant">
      <Monogram merchant={view.merchant} />
      <span class="merchant-name">{view.merchant}</span>
      <TestBadge view={view} />
    </div>
  );
}
