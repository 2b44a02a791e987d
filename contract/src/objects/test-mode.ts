/** The test clock and rehearsed faults, as answers show them (contract section 6). */
import { z } from "zod";
import { ALL_FAULTS, FAULT_TARGETS } from "../vocabulary.ts";
import { EXAMPLE } from "./examples.ts";
import { instant, said } from "./said.ts";

const now = instant("What time it is in the account.", EXAMPLE.later);

export const Clock = z.strictObject({ now }).meta({ id: "Clock", description: "The account's time." });

export const AdvancedClock = z
  .strictObject({
    now,
    done: said(
      z.boolean(),
      "Whether all that was due on the way is done. If not, send the same `to` again.",
      true,
    ),
  })
  .meta({ id: "AdvancedClock", description: "The account's time after an advance." });

export const Fault = z
  .strictObject({
    target: said(z.enum(FAULT_TARGETS), "What it strikes.", "charge"),
    fault: said(z.enum(ALL_FAULTS), "What goes wrong.", "timeout_after"),
    count: said(z.int().min(1), "How many times it was armed to strike.", 3),
    remaining: said(z.int().min(0), "How many of them are still to come.", 3),
  })
  .meta({ id: "Fault", description: "Something that goes wrong on purpose." });

export const DisarmedFaults = z
  .strictObject({ disarmed: said(z.int().min(0), "How many strikes that spares.", 2) })
  .meta({ id: "DisarmedFaults", description: "What a disarming answers." });
