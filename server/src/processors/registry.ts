/** Which processor takes which payments, and the guard that none is called while a transaction is open. */
import type { Mode } from "../domain/account.ts";
import type { Processor } from "./processor.ts";

export type Registry = {
  /** Who takes new payments of a mode; undefined: nobody is configured. */
  forMode(mode: Mode): Processor | undefined;
  /** By the name that a charge or subscription was written with; throws for one that is not configured any more. */
  named(name: string): Processor;
  /** By a name that comes from outside; undefined for one that is not configured. */
  find(name: string): Processor | undefined;
};

export function createRegistry(
  processors: readonly Processor[],
  beforeCall: (call: string) => void,
): Registry {
  const guarded = processors.map((processor) => guard(processor, beforeCall));
  return {
    forMode: (mode) => guarded.find((processor) => processor.modes.includes(mode)),
    find: (name) => guarded.find((processor) => processor.name === name),
    named(name) {
      const found = guarded.find((processor) => processor.name === name);
      if (!found) throw new Error(`The processor "${name}" has charges here but is not configured.`);
      return found;
    },
  };
}

function guard(processor: Processor, beforeCall: (call: string) => void): Processor {
  const checked =
    <A extends unknown[], R>(call: string, method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      beforeCall(`${processor.name}.${call}`);
      return await method(...args);
    };
  const { collection } = processor;
  return {
    name: processor.name,
    modes: processor.modes,
    collection:
      collection.by === "our_form"
        ? { by: "our_form", saveCard: checked("saveCard", collection.saveCard) }
        : {
            by: "own_fields",
            sources: collection.sources,
            setUp: checked("setUp", collection.setUp),
            describe: checked("describe", collection.describe),
          },
    charge: checked("charge", processor.charge),
    complete: checked("complete", processor.complete),
    lookUp: checked("lookUp", processor.lookUp),
    abandon: checked("abandon", processor.abandon),
    refund: checked("refund", processor.refund),
    lookUpRefund: checked("lookUpRefund", processor.lookUpRefund),
    readNotification: checked("readNotification", processor.readNotification),
  };
}
