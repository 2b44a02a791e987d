/** What the shop sells, for the page and for the server, which takes the price from here and not from the browser. */
export const PRODUCTS = [
  {
    id: "dawn",
    name: "Dawn",
    notes: "Light roast. Citrus, honey, black tea.",
    price: "14.00",
    colour: "#e0a458",
  },
  {
    id: "noon",
    name: "Noon",
    notes: "Medium roast. Hazelnut, plum, cocoa.",
    price: "13.50",
    colour: "#b8603d",
  },
  {
    id: "dusk",
    name: "Dusk",
    notes: "Dark roast. Molasses, walnut, smoke.",
    price: "12.00",
    colour: "#5b4a6b",
  },
] as const;

export type Product = (typeof PRODUCTS)[number];
