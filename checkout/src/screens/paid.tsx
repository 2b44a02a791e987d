/** The paid page: the receipt, and for the url integration the way back to the merchant. */
import type { CheckoutView } from "@mintro/contract/checkout";
import type { ComponentChildren } from "preact";
import { brandName } from "../card/brand-name.ts";
import { useLanguage } from "../language-context.ts";
import { BackLink } from "./ending.tsx";
import { Heading, MerchantLine, Sheet } from "./frame.tsx";
import { Emblem } from "./icons.tsx";

export function PaidScreen({ view, leaving }: { readonly view: CheckoutView; readonly leaving: boolean }) {
  const { texts, say, sayCount, money, moment } = useLanguage();
  const { paid } = texts;
  const every = view.interval_days === null ? null : sayCount(texts.every, view.interval_days);
  return (
    <Sheet>
      <MerchantLine view={view} />
      <Emblem kind="good" />
      <Heading>{paid.title}</Heading>
      <p class="result-amount">
        <bdi>{money(view.amount, view.currency)}</bdi> {every && <span class="amount-every">{every}</span>}
      </p>
      {every && <p class="quiet">{texts.renews}</p>}
      <dl class="receipt">
        <Row label={paid.merchant}>
          <bdi>{view.merchant}</bdi>
        </Row>
        {view.card && (
          <Row label={paid.card}>
            {say(paid.cardEnding, { brand: brandName(view.card.brand), last4: view.card.last4 })}
          </Row>
        )}
        {view.wallet !== null && (
          <Row label={paid.wallet}>
            <bdi>{view.wallet}</bdi>
          </Row>
        )}
        {view.paid_at && <Row label={paid.on}>{moment(view.paid_at)}</Row>}
        <Row label={paid.reference}>
          <bdi>{view.reference_id}</bdi>
        </Row>
        <Row label={texts.email}>
          <bdi>{view.customer.email}</bdi>
        </Row>
      </dl>
      {leaving && <p class="quiet">{say(paid.returning, { merchant: view.merchant })}</p>}
      {view.integration_type === "iframe" && <p class="quiet">{paid.closing}</p>}
      <BackLink view={view} href={view.success_url} />
    </Sheet>
  );
}

function Row({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div class="receipt-row">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
