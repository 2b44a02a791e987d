/** The package's texts by language, for whoever renders a page. */
import type { Locale } from "../locale.ts";
import { ar } from "./ar.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { ja } from "./ja.ts";
import type { Messages } from "./messages.ts";
import { pt } from "./pt.ts";

export type { Messages } from "./messages.ts";

export const MESSAGES: Readonly<Record<Locale, Messages>> = { en, es, fr, de, pt, ar, ja };
