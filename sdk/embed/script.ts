/** The embed as a classic script, served by every Mintro at `/embed.js`: the same, as the global `Mintro`. */
import { mountCheckout } from "./index.ts";

Object.assign(globalThis, { Mintro: { mountCheckout } });
