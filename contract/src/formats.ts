/** What counts as an e-mail address and as a web address. Both take text already trimmed; neither bounds its length. */

/** Letters and the like beyond ASCII, which RFC 6531 and 3987 allow; no blanks, controls or invisible characters. */
const BEYOND_ASCII = "[^\\x00-\\x7F\\p{Z}\\p{C}]";

const ATOM = `(?:[A-Za-z0-9!#$%&'*+/=?^_\`{|}~-]|${BEYOND_ASCII})+`;
const QUOTED = `"(?:[\\x20\\x21\\x23-\\x5B\\x5D-\\x7E]|\\\\[\\x20-\\x7E]|${BEYOND_ASCII})+"`;
const LABEL =
  "(?:[A-Za-z0-9_\\p{L}\\p{M}\\p{N}](?:[A-Za-z0-9_\\p{L}\\p{M}\\p{N}-]*[A-Za-z0-9_\\p{L}\\p{M}\\p{N}])?)";
const ADDRESS = "\\[(?:\\d{1,3}(?:\\.\\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\\]";
const EMAIL = new RegExp(
  `^(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@(?:${LABEL}(?:\\.${LABEL})*|${ADDRESS})$`,
  "u",
);

/**
 * RFC 5322's addr-spec with RFC 6531's letters, without its comments and folding: a dotted or a quoted local part, `@`, a
 * domain (one label is enough, as for Laravel) or an address in brackets.
 */
export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

const PATH_CHAR = "(?:[\\p{L}\\p{M}\\p{N}\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})";
const HOST = `(?:${LABEL}(?:\\.${LABEL})*\\.?|\\[[0-9A-Fa-f:.]{2,45}\\])`;
const URL_SHAPE = new RegExp(
  `^[hH][tT][tT][pP][sS]?://${HOST}(?::\\d{1,5})?(?:/${PATH_CHAR}*)*(?:\\?(?:${PATH_CHAR}|[/?[\\]])*)?(?:#(?:${PATH_CHAR}|[/?])*)?$`,
  "u",
);

/**
 * An absolute http or https address that may stand in a `Location` header and take further query parameters: in the
 * characters of RFC 3986 and 3987, which Laravel's rule allows too, and understood by the WHATWG parser. No user or
 * password, for the part before the `@` can pose as the host; no blanks, controls or backslashes.
 */
export function isWebUrl(text: string): boolean {
  return URL_SHAPE.test(text) && URL.canParse(text);
}
