/** Kinds of values that several routes take. */
import { parsed } from "@mintro/contract/laravel-kinds";
import { messages } from "@mintro/contract/laravel-texts";
import { parseInstant } from "../base/instant.ts";

/** ISO 8601 with its zone. */
export const instant = parsed({
  parse: parseInstant,
  wrong: messages.date,
  schema: { type: "string", format: "date-time" },
});
