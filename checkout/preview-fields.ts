/** The preview's processor with fields of its own: what it answers to the page, and the module that it is loaded from. */
import { readFile } from "node:fs/promises";
import type { FieldsAnswer } from "@mintro/contract/checkout";

export const FIELDS_MODULE = "/sample-fields.js";

/** What the sample's wallet button gives. */
export const WALLET_TOKEN = "tok_wallet";

/** @param token of the sample that is being paid */
export function previewFields(token: string): FieldsAnswer {
  return { module: FIELDS_MODULE, settings: { shows: token === "pay-button" ? "button" : "card" } };
}

/** src/samples/fields.ts, as a browser takes it. */
export async function fieldsModule(): Promise<string> {
  // Only here: it is large, and the samples of our own form do without.
  const { transformWithOxc } = await import("vite");
  const source = await readFile(new URL("src/samples/fields.ts", import.meta.url), "utf8");
  return (await transformWithOxc(source, "sample-fields.ts")).code;
}

/** The card behind a token of the sample's; the wallet's pays as the best known card does. */
export function numberOfToken(token: string): string {
  return token === WALLET_TOKEN ? "4242424242424242" : token.replace("tok_", "");
}
