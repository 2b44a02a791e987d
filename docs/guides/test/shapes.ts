/** What the pages show as answers has the fields of the answers in docs/openapi.json, no more, no less, and of their kinds. */
import { read } from "./blocks.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Every example in the document, wherever it stands. */
const examples: readonly Json[] = examplesIn(JSON.parse(read("docs/openapi.json")) as Json);

/** Whether a block of JSON is one of the API's answers or events. Throws where it is no JSON. */
export function isAnswer(text: string): boolean {
  const shown = JSON.parse(text) as Json;
  return examples.some((example) => fits(shown, example));
}

function examplesIn(value: Json): Json[] {
  if (!isObject(value)) return Array.isArray(value) ? value.flatMap(examplesIn) : [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === "example") return [inner];
    const several = name === "examples" && isObject(inner) ? Object.values(inner) : [];
    return several.length > 0
      ? several.flatMap((each) => (isObject(each) && each["value"] !== undefined ? [each["value"]] : []))
      : examplesIn(inner);
  });
}

/** Null stands for whatever may be absent; the fields of `metadata` and `errors` are the merchant's and the request's. */
function fits(shown: Json, example: Json, name = ""): boolean {
  if (shown === null || example === null) return true;
  if (Array.isArray(shown) && Array.isArray(example))
    return shown.every((each) => example.length === 0 || example.some((one) => fits(each, one)));
  if (isObject(shown) && isObject(example)) {
    if (name === "metadata" || name === "errors") return true;
    const names = Object.keys(shown);
    return (
      names.length === Object.keys(example).length &&
      names.every((key) => example[key] !== undefined && fits(shown[key] ?? null, example[key], key))
    );
  }
  return typeof shown === typeof example && Array.isArray(shown) === Array.isArray(example);
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
