/** What stands around `data`: the document's envelopes, and the pages of lists (contract sections 2 and 6). */
import { z } from "zod";
import { said } from "./said.ts";

const success = said(z.literal(true), "It worked.", true);

const Pagination = z
  .strictObject({
    has_more: said(z.boolean(), "Whether there is another page.", false),
    next_cursor: said(
      z.string().nullable(),
      "What to send as `cursor` for the next page; null on the last one.",
      null,
    ),
  })
  .meta({ id: "Pagination", description: "Where the list goes on." });

/** A success with this `data`. */
export function one(data: z.ZodType) {
  return z.strictObject({ success, data });
}

/** A success with a page of these rows. */
export function page(row: z.ZodType) {
  const data = z.array(row).meta({ description: "The rows of this page." });
  return z.strictObject({ success, data, pagination: Pagination });
}

const message = (example: string) => said(z.string(), "What is wrong, in a sentence.", example);

/** The document's standard error. */
export const ErrorAnswer = z
  .strictObject({
    success: said(z.literal(false), "It did not work.", false),
    message: message("Invalid API Key provided."),
    data: said(z.array(z.unknown()).max(0), "Always empty.", []),
  })
  .meta({ id: "Error", description: "An error." });

/** The document's 422. */
export const ValidationErrorAnswer = z
  .strictObject({
    message: message("The given data was invalid."),
    errors: said(
      z.record(z.string(), z.array(z.string()).min(1)),
      "By the field's name (`order_items.0.name` in a list), what is wrong with it.",
      { email: ["The email field is required."], amount: ["The amount must be at least 1."] },
    ),
  })
  .meta({ id: "ValidationError", description: "Fields that are wrong, all of them at once." });
