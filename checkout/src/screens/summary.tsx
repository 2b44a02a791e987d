/** What is being paid for: the merchant, the items, tax, discount and the total, as given and never summed. */
import type { CheckoutView } from "@mintro/contract/checkout";
import { useEffect, useState } from "preact/hooks";
import { isZero } from "../language.ts";
import { useLanguage } from "../language-context.ts";
import { Heading, Monogram, TestBadge } from "./frame.tsx";

/** A long order is not to be scrolled through: beyond this the rest waits behind a line. */
const SHOWN_ITEMS = 5;
/** From this width on the order is shown as a whole; below, a longer one would push the card form off the phone. */
const WIDE = "(min-width: 40rem)";
/** So many items stand open on a phone, too: a customer sees at once what is paid for. */
const OPEN_ITEMS = 3;

/** The merchant's price, and not a product of ours: items are shown and not summed, so the total need not agree with it. */
const TIMES = "{count}\u00a0×\u00a0{price}";

type Item = CheckoutView["items"][number];

export function Summary({ view }: { readonly view: CheckoutView }) {
  const { texts, say, sayCount, money } = useLanguage();
  const wide = useMedia(WIDE);
  const total = money(view.amount, view.currency);
  const every = view.interval_days === null ? null : sayCount(texts.every, view.interval_days);
  const amount = (
    <>
      <bdi>{total}</bdi> {every && <span class="amount-every">{every}</span>}
    </>
  );
  return (
    <section class="summary" aria-label={texts.summary}>
      <div class="merchant">
        <Monogram merchant={view.merchant} />
        <Heading class="merchant-name">{say(texts.heading, { merchant: view.merchant })}</Heading>
        <TestBadge view={view} />
      </div>
      {wide && <p class="amount">{amount}</p>}
      {wide && every && <p class="quiet renews">{texts.renews}</p>}
      {wide && <Order view={view} total={total} />}
      {!wide && (
        <details class="fold" open={view.items.length <= OPEN_ITEMS}>
          <summary>
            <span class="fold-name">{texts.summary}</span>
            <span class="fold-amount">{amount}</span>
          </summary>
          <Order view={view} total={total} />
        </details>
      )}
      {!wide && every && <p class="quiet renews">{texts.renews}</p>}
    </section>
  );
}

function useMedia(query: string): boolean {
  const [media] = useState(() => matchMedia(query));
  const [matches, setMatches] = useState(media.matches);
  useEffect(() => {
    const change = () => setMatches(media.matches);
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, [media]);
  return matches;
}

function Order({ view, total }: { readonly view: CheckoutView; readonly total: string }) {
  const { texts, sayCount, money } = useLanguage();
  // One hidden item is not worth a line to open it.
  const shown = view.items.length <= SHOWN_ITEMS + 1 ? view.items : view.items.slice(0, SHOWN_ITEMS);
  const hidden = view.items.slice(shown.length);
  return (
    <>
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
    </>
  );
}

function Items({ items, currency }: { readonly items: readonly Item[]; readonly currency: string }) {
  const { say, count, money } = useLanguage();
  return (
    <ul class="items">
      {items.map((item, index) => (
        <li key={index} class="item">
          <bdi class="item-name">{item.name}</bdi>
          <span class="figure">
            {item.quantity === 1
              ? money(item.price, currency)
              : say(TIMES, { count: count(item.quantity), price: money(item.price, currency) })}
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
