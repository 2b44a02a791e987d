/** Ids as they cross the wire: a prefix and a UUID (contract section 2). */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The bare UUID in small letters, of an id with or without its prefix (`pi_`); undefined for anything that is none. */
export function readId(prefix: string, text: string): string | undefined {
  const bare = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  return UUID.test(bare) ? bare.toLowerCase() : undefined;
}
