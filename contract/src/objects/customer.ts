/** Customers, as answers show them (contract section 6). */
import { z } from "zod";
import { EXAMPLE } from "./examples.ts";
import { id, instant, said } from "./said.ts";

export const Customer = z
  .strictObject({
    customer_id: id("cus_", "The customer.", EXAMPLE.customer),
    customer_ref_id: said(
      z.string().nullable(),
      "Your own id for the customer; null where you gave none.",
      EXAMPLE.customerReference,
    ),
    email: said(z.string(), "The e-mail address of the newest intent.", "customer@example.com"),
    name: said(z.string(), "The name of the newest intent.", "John Doe"),
    created_at: instant("When the first intent came."),
  })
  .meta({
    id: "Customer",
    description: "One per `customer_ref_id`; where you give none, one per e-mail address.",
  });
