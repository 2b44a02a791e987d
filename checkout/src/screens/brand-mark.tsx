/** The brand of the card, shown in the number's field as soon as its first digits tell it. */

import { brandName } from "../card/brand-name.ts";
import type { Brand } from "../card/number.ts";

export function BrandMark({ brand }: { readonly brand: Brand | null }) {
  return (
    <>
      <span class="brand">{brand === null ? <Blank /> : <Mark brand={brand} />}</span>
      <span class="unseen" role="status">
        {brand === null ? "" : brandName(brand.type)}
      </span>
    </>
  );
}

function Mark({ brand }: { readonly brand: Brand }) {
  if (brand.type === "mastercard") {
    return (
      <svg class="brand-mark" viewBox="0 0 38 24" aria-hidden="true">
        <rect class="brand-paper" width="38" height="24" rx="4" />
        <circle cx="15.5" cy="12" r="6.5" fill="#eb001b" />
        <circle cx="22.5" cy="12" r="6.5" fill="#f79e1b" />
        <path d="M19 6.5a6.5 6.5 0 0 1 0 11 6.5 6.5 0 0 1 0-11Z" fill="#ff5f00" />
      </svg>
    );
  }
  if (brand.type === "visa" || brand.type === "american-express") {
    const visa = brand.type === "visa";
    return (
      <svg class="brand-mark" viewBox="0 0 38 24" aria-hidden="true">
        <rect width="38" height="24" rx="4" fill={visa ? "#1434cb" : "#016fd0"} />
        <text
          x="19"
          y="16"
          fill="#fff"
          text-anchor="middle"
          font-size={visa ? 12 : 10.5}
          font-weight="800"
          font-style={visa ? "italic" : "normal"}
          textLength={visa ? 27 : 30}
          lengthAdjust="spacingAndGlyphs"
        >
          {visa ? "VISA" : "AMEX"}
        </text>
      </svg>
    );
  }
  return (
    <span class="brand-name" aria-hidden="true">
      {brand.name}
    </span>
  );
}

function Blank() {
  return (
    <svg class="brand-mark brand-blank" viewBox="0 0 38 24" aria-hidden="true">
      <rect x="1" y="1" width="36" height="22" rx="4" />
      <path d="M1 7h36M6 16h8" />
    </svg>
  );
}
