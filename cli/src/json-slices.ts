/**
 * Parts of a JSON text as they stand in it. A webhook is signed over its bytes, and JSON that was parsed and written again
 * may have others (`1.0`, `\u00e9`, blanks): so an event's payload is cut out of the answer that brought it.
 */

/** The text of a member of an object, or of an element of an array; undefined where there is none. The text is valid JSON. */
export function sliceOf(json: string, key: string): string | undefined {
  for (const [name, value] of members(json)) if (name === key) return value;
  return undefined;
}

/** The texts of an array's elements. */
export function elementsOf(json: string): string[] {
  return [...members(json)].map(([, value]) => value);
}

/** Each member's key (undefined in an array) and its value's text. */
function* members(json: string): Iterable<[string | undefined, string]> {
  let at = skipBlanks(json, 0);
  const isObject = json[at] === "{";
  at = skipBlanks(json, at + 1);
  while (at < json.length && json[at] !== "}" && json[at] !== "]") {
    let key: string | undefined;
    if (isObject) {
      const end = endOfValue(json, at);
      key = JSON.parse(json.slice(at, end)) as string;
      at = skipBlanks(json, skipBlanks(json, end) + 1); // the colon
    }
    const end = endOfValue(json, at);
    yield [key, json.slice(at, end)];
    at = skipBlanks(json, end);
    if (json[at] === ",") at = skipBlanks(json, at + 1);
  }
}

function skipBlanks(json: string, from: number): number {
  let at = from;
  while (/\s/.test(json[at] ?? "")) at += 1;
  return at;
}

function endOfValue(json: string, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const char = json[at];
    if (char === '"') at = endOfString(json, at) - 1;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      if (depth === 0) return at; // the end of what holds a bare number or word
      depth -= 1;
    } else if (depth > 0 || !/[,\s]/.test(char ?? "")) continue;
    else return at;
    if (depth === 0) return at + 1;
  }
  return json.length;
}

/** Behind the closing quote. */
function endOfString(json: string, from: number): number {
  for (let at = from + 1; at < json.length; at += 1) {
    if (json[at] === "\\") at += 1;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}
