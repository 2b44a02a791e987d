/** Slices against JavaScript's own parser, for any JSON. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementsOf, sliceOf } from "./json-slices.ts";

describe("slices of JSON", () => {
  it("are the parts' own text: each parses to what the parser finds there, for any value and indent", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.jsonValue(),
        fc.string(),
        fc.constantFrom(0, 2, "\t"),
        (a, b, key, indent) => {
          const text = JSON.stringify({ [key]: a, payload: b, list: [a, b, key] }, null, indent);
          const whole = JSON.parse(text) as Record<string, unknown>;
          for (const name of Object.keys(whole))
            expect(JSON.parse(sliceOf(text, name) ?? "")).toEqual(whole[name]);
          const elements = elementsOf(sliceOf(text, "list") ?? "");
          expect(elements.map((each) => JSON.parse(each) as unknown)).toEqual(whole["list"]);
          expect(sliceOf(text, `${key}-not-there`)).toBeUndefined();
        },
      ),
    );
  });

  it("keep the spelling of numbers, escapes and blanks", () => {
    const text =
      '{ "data" : [ {"payload": {"a" : 1.0, "b":"\\u00e9\\"}", "c":12345678901234567890}} , {"payload":[]} ] }';
    const [first = "", second = ""] = elementsOf(sliceOf(text, "data") ?? "");
    expect(sliceOf(first, "payload")).toBe('{"a" : 1.0, "b":"\\u00e9\\"}", "c":12345678901234567890}');
    expect(sliceOf(second, "payload")).toBe("[]");
    expect(elementsOf("[ ]")).toEqual([]);
  });
});
