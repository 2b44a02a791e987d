/** The brand of the card, shown in the number's field as soon as its first digits tell it. */

import { brandName } from "../card/brand-name.ts";
import type { Brand } from "../card/number.ts";

const TAKEN = ["visa", "mastercard", "american-express"] as const;

/** Drawn, since a text of this size would be one that nobody can read. */
const VISA =
  "m7.5 8 1.8 8 4.4-8m3.6 0-1.6 8m9.3-6.9c-1.6-1.5-4.6-1.3-4.8.7-.2 2.1 3.6 1.9 3.4 4.2-.2 2.2-3.4 2.4-5 .8M25 16l4.6-8 1.9 8m-5-2.7h4.3";
const AMEX =
  "m4.5 16 3-8 3 8m-5-2.6h4m3.3 2.6V8l3 4.6 3-4.6v8m7.9-8h-4.6v8h4.6m-4.6-4h4m2.6-4 5.2 8m0-8-5.2 8";

export function BrandMark({ brand }: { readonly brand: Brand | null }) {
  return (
    <>
      <span class="brand">
        {brand === null ? (
          TAKEN.map((type) => <Mark key={type} type={type} name="" />)
        ) : (
          <Mark type={brand.type} name={brand.name} />
        )}
      </span>
      <span class="unseen" role="status">
        {brand === null ? "" : brandName(brand.type)}
      </span>
    </>
  );
}

function Mark({ type, name }: Pick<Brand, "type" | "name">) {
  if (type === "mastercard") {
    return (
      <svg class="brand-mark" viewBox="0 0 38 24" aria-hidden="true">
        <rect class="brand-paper" width="38" height="24" rx="4" />
        <circle cx="15.5" cy="12" r="6.5" fill="#eb001b" />
        <circle cx="22.5" cy="12" r="6.5" fill="#f79e1b" />
        <path d="M19 6.5a6.5 6.5 0 0 1 0 11 6.5 6.5 0 0 1 0-11Z" fill="#ff5f00" />
      </svg>
    );
  }
  if (type === "visa" || type === "american-express") {
    const visa = type === "visa";
    return (
      <svg class="brand-mark" viewBox="0 0 38 24" aria-hidden="true">
        <rect width="38" height="24" rx="4" fill={visa ? "#1434cb" : "#016fd0"} />
        <path class="brand-letters" d={visa ? VISA : AMEX} />
      </svg>
    );
  }
  return (
    <span class="brand-name" aria-hidden="true">
      {name}
    </span>
  );
}

/** Where the code stands on the card: at the end of the back, or for American Express on the front. */
export function CodeMark({ onFront }: { readonly onFront: boolean }) {
  return (
    <span class="brand">
      <svg class="brand-mark code-mark" viewBox="0 0 38 24" aria-hidden="true">
        <rect x="1" y="1" width="36" height="22" rx="4" />
        {onFront ? <path d="M6 17h9" /> : <path class="code-stripe" d="M1 7.5h36" />}
        <rect class="code-place" x="21" y={onFront ? 5 : 12} width="12" height="7" rx="2" />
      </svg>
    </span>
  );
}
