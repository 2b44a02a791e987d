/** What people call a card brand, whichever way a processor or a library spells it. */
const NAMES: Readonly<Record<string, string>> = {
  visa: "Visa",
  mastercard: "Mastercard",
  amex: "American Express",
  americanexpress: "American Express",
  discover: "Discover",
  diners: "Diners Club",
  dinersclub: "Diners Club",
  jcb: "JCB",
  unionpay: "UnionPay",
  maestro: "Maestro",
  elo: "Elo",
  mir: "Mir",
  troy: "Troy",
  verve: "Verve",
  hiper: "Hiper",
  hipercard: "Hipercard",
  naranja: "Naranja",
};

/** `american-express`, `amex` and `American Express` are all `American Express`; a brand not known stays as it is. */
export function brandName(brand: string): string {
  return NAMES[brand.toLowerCase().replace(/[^a-z]/g, "")] ?? brand;
}
