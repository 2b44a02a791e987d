/** Brings a processor's own fields into the page: asks the server for them, loads their module, and has it show them. */
import type { FieldsAnswer } from "@mintro/contract/checkout";
import type { FieldsModule, FieldsOptions, MountedFields } from "./fields.ts";
import { quietly } from "./own-fields.ts";

/**
 * Shows the fields within a place.
 * @param signal takes them away, whether or not they are there yet
 */
export type MountFields = (
  place: HTMLElement,
  onCollected: FieldsOptions["onCollected"],
  signal: AbortSignal,
) => Promise<MountedFields>;

export function fieldsMounter(
  fetchFields: (signal: AbortSignal) => Promise<FieldsAnswer>,
  locale: string,
): MountFields {
  let failures = 0;
  return async (place, onCollected, signal) => {
    // One of its own for each mounting: what comes too late writes into nothing.
    const own = document.createElement("div");
    place.append(own);
    let mounted: MountedFields | null = null;
    signal.addEventListener("abort", () => {
      if (mounted === null) failures += 1;
      place.style.minHeight = `${place.offsetHeight}px`;
      quietly(() => mounted?.unmount());
      own.remove();
    });
    const { module, settings } = await fetchFields(signal);
    const { mount } = await load(module, failures);
    signal.throwIfAborted();
    const appearance = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const shown = await mount(own, { settings, locale, appearance, onCollected });
    if (signal.aborted) quietly(() => shown.unmount());
    signal.throwIfAborted();
    mounted = shown;
    place.style.minHeight = "";
    return shown;
  };
}

/**
 * A browser may remember that a module could not be loaded, and never ask for it again
 * (https://github.com/whatwg/html/issues/6768). With another fragment it is another module.
 */
async function load(module: string, failures: number): Promise<FieldsModule> {
  const found: unknown = await import(/* @vite-ignore */ failures === 0 ? module : `${module}#${failures}`);
  if (!isFieldsModule(found)) throw new Error("no fields module");
  return found;
}

function isFieldsModule(module: unknown): module is FieldsModule {
  return (
    typeof module === "object" && module !== null && "mount" in module && typeof module.mount === "function"
  );
}
