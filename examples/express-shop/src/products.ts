/** What the shop sells. Prices are whole cents, as `0.1 + 0.2` is no amount of money. */
export type Product = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly cents: number;
};

export type Line = { readonly product: Product; readonly quantity: number };

/** A picture of each is in public/, named by its id. */
export const PRODUCTS: readonly Product[] = [
  { id: "lighthouse", name: "The lighthouse", description: "Screen print, 30 × 40 cm", cents: 2_400 },
  { id: "ferry", name: "The last ferry", description: "Screen print, 30 × 40 cm", cents: 2_850 },
  { id: "moon", name: "Moon over the bay", description: "Screen print, 50 × 70 cm", cents: 4_200 },
];

export function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { product, quantity }) => sum + product.cents * quantity, 0);
}

/** `2850` is `"28.50"`. Mintro takes amounts as decimal strings. */
export function decimal(cents: number): string {
  return (cents / 100).toFixed(2);
}
