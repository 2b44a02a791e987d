/**
 * Secrets at rest: AES-256-GCM under MINTRO_SECRET_KEY. Stored as version byte, 4 bytes that tell the key, 12 random bytes of
 * nonce, 16 of tag, then the ciphertext; `context` is authenticated with it, so that a secret copied into another row cannot
 * be read there. Version 1 did not tell its key. What an earlier key sealed is read for as long as that key is given.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { assert } from "./assert.ts";
import type { World } from "./world.ts";

export type Cipher = {
  encrypt(plain: string, context: string): Buffer;
  /** Throws where no key opens it: it was sealed with another one, for another context, or its bytes were changed. */
  decrypt(stored: Buffer, context: string): string;
  /** What everything begins with that was sealed with the present key: whatever does not is to be sealed again. */
  readonly seal: Buffer;
  /** A key of 32 bytes for another purpose, of the present key and then of each earlier one. It tells nothing of them. */
  derive(purpose: string): readonly Buffer[];
};

const UNMARKED = 1;
const MARKED = 2;
const KEY_BYTES = 32;
const MARK_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `key` seals; it and the `previous` ones open. Each has 32 bytes. */
export function createCipher(key: Buffer, world: World, previous: readonly Buffer[] = []): Cipher {
  const keys = [key, ...previous];
  for (const each of keys) assert(each.length === KEY_BYTES, "a secret key has 32 bytes");
  const seal = Buffer.concat([Buffer.of(MARKED), markOf(key)]);
  return {
    seal,
    encrypt(plain, context) {
      const nonce = world.random(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([seal, nonce, cipher.getAuthTag(), sealed]);
    },
    decrypt(stored, context) {
      const version = stored[0];
      assert(version === UNMARKED || version === MARKED, "a stored secret has a known version");
      const head = version === MARKED ? 1 + MARK_BYTES : 1;
      const mark = stored.subarray(1, head);
      const candidates = version === MARKED ? keys.filter((each) => markOf(each).equals(mark)) : keys;
      let why: unknown;
      for (const candidate of candidates) {
        try {
          return open(candidate, stored.subarray(head), context);
        } catch (error) {
          why = error;
        }
      }
      throw new Error("No given key opens this stored secret.", { cause: why });
    },
    derive: (purpose) => keys.map((each) => Buffer.from(hkdfSync("sha256", each, "", purpose, KEY_BYTES))),
  };
}

/** Tells one key from another, and nothing of a key of random bytes. */
function markOf(key: Buffer): Buffer {
  return createHash("sha256").update("mintro secret key\n").update(key).digest().subarray(0, MARK_BYTES);
}

function open(key: Buffer, rest: Buffer, context: string): string {
  const decipher = createDecipheriv("aes-256-gcm", key, rest.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(rest.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(rest.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
    "utf8",
  );
}
