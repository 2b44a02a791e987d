import { writeJson } from "@mintro/contract/json";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, hasForbiddenText, JSON_LEVELS_MAX, type Json, parseJson } from "./json.ts";

function parsed(text: string): Json {
  const result = parseJson(text);
  if (!result.ok) throw new Error(result.failure.text);
  return result.value;
}

/** What `parseJson` does with a number, as a reviver. */
function rawIfSo(_key: string, value: unknown, { source = "" }: { source?: string } = {}): unknown {
  return typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;
}

function failureOf(text: string): string {
  const result = parseJson(text);
  return result.ok ? "parsed" : result.failure.kind;
}

const number = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.constant("0"), fc.stringMatching(/^[1-9][0-9]{0,24}$/)),
    fc.oneof(fc.constant(""), fc.stringMatching(/^\.[0-9]{1,24}$/)),
    fc.oneof(fc.constant(""), fc.stringMatching(/^[eE][+-]?[0-9]{1,3}$/)),
  )
  .map((parts) => parts.join(""));
const { document } = fc.letrec<{ document: string }>((tie) => ({
  document: fc.oneof(
    { depthSize: "small" },
    number,
    fc.constantFrom("null", "true", "false"),
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.array(tie("document"), { maxLength: 5 }).map((items) => `[${items.join(",")}]`),
    // Names of array indexes among them, which JavaScript moves to the front.
    fc
      .uniqueArray(fc.tuple(fc.oneof(fc.string(), fc.nat(20).map(String)), tie("document")), {
        maxLength: 5,
        selector: ([key]) => key,
      })
      .map((all) => `{${all.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`),
  ),
}));

describe("a body is read without loss", () => {
  test.each([
    "12345678901234567890",
    "1.0",
    "50.00",
    "1e400",
    "-1e400",
    "1E3",
    "1e3",
    "-0",
    "-0.0",
    "0.1",
    "0.30000000000000004",
    "1e-400",
    "100",
    "-7",
    "1.7976931348623157e308",
  ])("%s comes back as it was written", (source) => {
    expect(JSON.stringify(parsed(source))).toBe(source);
    expect(JSON.stringify(parsed(`{"a":[${source},{"b":${source}}]}`))).toBe(
      `{"a":[${source},{"b":${source}}]}`,
    );
  });

  test("every document comes back as it was written, but for blanks", () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(writeJson(parsed(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['{"2":1,"1":2,"b":0,"a":1}', '{"2":1,"1":2,"b":0,"a":1}'],
    ['{ "10" : [ { "9":1.0,\n"8":{} } , "x" ] ,\t"2":"}" }', '{"10":[{"9":1.0,"8":{}},"x"],"2":"}"}'],
    ['{"b":1,"\\u0031":2,"\\u0030":3}', '{"b":1,"1":2,"0":3}'],
    ['{"b":1,"1":2,"b":3,"1":{"2":0,"0":0}}', '{"b":3,"1":{"2":0,"0":0}}'],
    ['{"4294967296":1,"4294967294":2,"01":3,"-1":4}', '{"4294967296":1,"4294967294":2,"01":3,"-1":4}'],
    ['{"z":{"1":null},"0":[true,false,-1e5,[]],"":""}', '{"z":{"1":null},"0":[true,false,-1e5,[]],"":""}'],
    ['[{"1":1,"__proto__":{"0":1}}]', '[{"1":1,"__proto__":{"0":1}}]'],
  ])("%s keeps the order of its keys", (text, written) => {
    expect(writeJson(parsed(text))).toBe(written);
    expect(parsed(text)).toEqual(JSON.parse(written, rawIfSo));
  });

  test("numbers that JavaScript spells alike stay plain numbers", () => {
    expect(parsed('{"a":80,"b":0.5,"c":-3}')).toEqual({ a: 80, b: 0.5, c: -3 });
  });

  test("text that looks like numbers, brackets or escapes inside strings changes nothing", () => {
    const text = '{"a\\"[[[1.0":"1.00\\\\","b":"{{\\u0041","c":"\\\\\\""}';
    expect(parsed(text)).toEqual(JSON.parse(text));
    expect(JSON.stringify(parsed(`[${"[1.0,".length},"${"[".repeat(100)}"]`))).toHaveLength(106);
  });

  test("of equal keys the last one counts, with its own spelling", () => {
    expect(JSON.stringify(parsed('{"a":1.0,"a":2.00}'))).toBe('{"a":2.00}');
  });

  test("keys named like JavaScript's own members are members like any other", () => {
    const text = '{"__proto__":{"polluted":1.0},"constructor":{"prototype":{"polluted":true}},"toString":1}';
    const value = parsed(text);
    expect(JSON.stringify(value)).toBe(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("an object that only looks like a number's box is an object", () => {
    expect(JSON.stringify(parsed('{"rawJSON":"5"}'))).toBe('{"rawJSON":"5"}');
    expect(canonicalJson(parsed('{"rawJSON":"5"}'))).toBe('{"rawJSON":"5"}');
  });
});

describe("what is no JSON is refused", () => {
  test.each([
    "",
    " ",
    "{",
    "[1,]",
    "{'a':1}",
    '{"a":1}}',
    "[01]",
    "[1.]",
    "[.5]",
    "[+1]",
    "[0x10]",
    "NaN",
    "Infinity",
    "undefined",
    '"\n"',
    '"\\x"',
    "\uFEFF{}",
    "1 2",
    "--1",
    "1e",
    '"unclosed',
    '"\\',
  ])("%j", (text) => {
    expect(failureOf(text)).toBe("malformed");
  });

  test("exactly what the language's own parser refuses, and never with an exception", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.stringMatching(/^[[\]{}",:0-9.eE+\\utrfalsn -]*$/),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        let accepted = true;
        try {
          JSON.parse(candidate);
        } catch {
          accepted = false;
        }
        expect(parseJson(candidate).ok).toBe(accepted);
      }),
      { numRuns: 1000 },
    );
  });

  test("the failure tells the place and never quotes the body", () => {
    const result = parseJson('{\n  "number": "4242424242424242" "cvc"');
    expect(result).toEqual({
      ok: false,
      failure: { kind: "malformed", text: "The request body is not valid JSON (line 2, column 32)." },
    });
    fc.assert(
      fc.property(fc.string(), (junk) => {
        const refused = parseJson(`["4242424242424242", ${junk} x]`);
        expect(refused.ok || /4242/.test(refused.failure.text)).toBe(false);
      }),
    );
  });
});

describe("depth is bounded", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

  test("64 levels pass, 65 do not", () => {
    expect(parseJson(nested(JSON_LEVELS_MAX)).ok).toBe(true);
    expect(failureOf(nested(JSON_LEVELS_MAX + 1))).toBe("too_deep");
    expect(failureOf(`[1.0,${nested(JSON_LEVELS_MAX)}]`)).toBe("too_deep");
  });

  test("wide is not deep", () => {
    expect(parseJson(`[${Array(1000).fill("[[]]").join(",")}]`).ok).toBe(true);
  });

  test.each(["[", '{"a":', "[1.0,", '["'])("a megabyte of %s is refused at once", (piece) => {
    const started = performance.now();
    expect(parseJson(piece.repeat(1_000_000 / piece.length)).ok).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("the canonical text", () => {
  test.each([
    ["1", "1.0"],
    ["1", "1e0"],
    ["1", "10E-1"],
    ["0", "-0"],
    ["0", "0.00e7"],
    ["50.00", "50"],
    ["0.5", "5e-1"],
    ["1e400", "10e399"],
    ["12345678901234567890", "1234567890123456789e1"],
    ["1e21", "1000000000000000000000"],
    ["999999999999999", "999999999999999.0"],
    ["1000000000000000", "1e15"],
    ['{"a":1,"b":[2]}', ' { "b" : [ 2.0 ] , "a" : 1 } '],
    ['"\\u0041"', '"A"'],
  ])("is the same for %s and %s", (a, b) => {
    expect(canonicalJson(parsed(a))).toBe(canonicalJson(parsed(b)));
  });

  test.each([
    ["1", '"1"'],
    ["1", "-1"],
    ["12345678901234567890", "12345678901234567891"],
    ["1e400", "1e401"],
    ["0.1", "0.10000000000000001"],
    ["[1,2]", "[2,1]"],
    ["[]", "{}"],
    ["null", '"null"'],
    ['{"a":{"b":1}}', '{"a":1,"b":1}'],
    ['{"a":1}', '{"a":1,"b":null}'],
  ])("differs for %s and %s", (a, b) => {
    expect(canonicalJson(parsed(a))).not.toBe(canonicalJson(parsed(b)));
  });

  test("is a fixed point: what it says reads as the same", () => {
    fc.assert(
      fc.property(document, (text) => {
        const canonical = canonicalJson(parsed(text));
        expect(canonicalJson(parsed(canonical))).toBe(canonical);
      }),
    );
  });

  test("does not depend on the order of keys", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(object, (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(parsed(JSON.stringify(reversed)))).toBe(
          canonicalJson(parsed(JSON.stringify(value))),
        );
      }),
    );
  });
});

describe("U+0000 and lone surrogates are found", () => {
  test.each<[string, ReturnType<typeof hasForbiddenText>]>([
    ['"\\u0000"', []],
    ['"a\\ud800"', []],
    ['{"a":[1,{"b":"x\\u0000y"}]}', ["a", 1, "b"]],
    ['{"a":{"\\udc00":1}}', ["a", "\udc00"]],
    ['["ok",["\\udbff"]]', [1, 0]],
    ['"\\ud83d\\ude00"', undefined],
    ['{"a":[1.0,null,true,"é",{"b":"\\u0001"}]}', undefined],
    ["1.0", undefined],
  ])("in %s", (text, path) => {
    expect(hasForbiddenText(parsed(text))).toEqual(path);
  });

  test("at any depth, without exhausting the stack", () => {
    let value: Json = "\0";
    for (let level = 0; level < 100_000; level++) value = [value];
    expect(hasForbiddenText(value)).toHaveLength(100_000);
  });
});
