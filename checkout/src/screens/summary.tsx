/** What is being paid for: the merchant, the items, tax, discount and the total, as given and never summed. */
import type { CheckoutView } from "@mintro/contract/checkout";
import { isZero } from "../language.ts";
import { useLanguage } from "../language-context.ts";
import { Heading, Monogram, TestBadge } from "./frame.tsx";

/** A long order must not push the card form off a phone: beyond this the rest waits behind a line. */
const SHOWN_ITEMS = 5;

type Item = CheckoutView["items"][number];

export function Summary({ view }: { readonly view: CheckoutView }) {
  const { texts, say, sayCount, money } = useLanguage();
  const total = money(view.amount, view.currency);
  const every = view.interval_days === null ? null : sayCount(texts.every, view.interval_days);
  // One hidden item is not worth a line to open it.
  const shown = view.items.length <= SHOWN_ITEMS + 1 ? view.items : view.items.slice(0, SHOWN_ITEMS);
  const hidden = view.items.slice(shown.length);
  return (
    <section class="summary" aria-label={texts.summary}>
      <div class="merchant">
        <Monogram merchant={view.merchant} />
        <Heading class="merchant-name">{say(texts.heading, { merchant: view.merchant })}</Heading>
        <TestBadge view={view} />
      </div>
      <p class="amount">
        <bdi>{total}</bdi> {every && <span class="amount-every">{every}</span>}
      </p>
      {every && <p class="quiet renews">{texts.renews}</p>}
      <Items items={shown} currency={view.currency} />
      {hidden.length > 0 && (
        <details class="more">
          <summary>
            <span class="more-shut">{sayCount(texts.moreItems, hidden.length)}</span>
            <span class="more-open">{texts.fewerItems}</span>
          </summary>
          <Items items={hidden} currency={view.currency} />
        </details>
      )}
      <dl class="sums">
        {!isZero(view.tax) && <Sum label={texts.tax} value={money(view.tax, view.currency)} />}
        {!isZero(view.discount) && (
          <Sum label={texts.discount} value={money(`-${view.discount}`, view.currency)} />
        )}
        <Sum label={texts.total} value={total} strong />
      </dl>
    </section>
  );
}

function Items({ items, currency }: { readonly items: readonly Item[]; readonly currency: string }) {
  const { texts, say, count, money } = useLanguage();
  return (
    <ul class="items">
      {items.map((item, index) => (
        <li key={index} class="item">
          <span>
            <bdi class="item-name">{item.name}</bdi>
            <span class="quiet">{say(texts.quantity, { count: count(item.quantity) })}</span>
          </span>
          <span class="figure">
            {item.quantity === 1
              ? money(item.price, currency)
              : say(texts.each, { price: money(item.price, currency) })}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface SumProps {
  readonly label: string;
  readonly value: string;
  readonly strong?: boolean;
}

function Sum({ label, value, strong = false }: SumProps) {
  return (
    <div class={strong ? "sum sum-total" : "sum"}>
      <dt>{label}</dt>
      <dd class="figure">
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}
