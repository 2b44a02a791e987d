/**
 * Secrets at rest: AES-256-GCM under MINTRO_SECRET_KEY. Stored as version byte, 12 random bytes of nonce, 16 of tag, then
 * the ciphertext; `context` is authenticated with it, so that a secret copied into another row cannot be read there.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { assert } from "./assert.ts";
import type { World } from "./world.ts";

export type Cipher = {
  encrypt(plain: string, context: string): Buffer;
  /** Throws where the key is another one or the bytes were changed. */
  decrypt(stored: Buffer, context: string): string;
};

const VERSION = 1;

export function createCipher(key: Buffer, world: World): Cipher {
  assert(key.length === 32, "the secret key has 32 bytes");
  return {
    encrypt(plain, context) {
      const nonce = world.random(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed]);
    },
    decrypt(stored, context) {
      assert(stored[0] === VERSION, "a stored secret has a known version");
      const decipher = createDecipheriv("aes-256-gcm", key, stored.subarray(1, 13));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(stored.subarray(13, 29));
      return Buffer.concat([decipher.update(stored.subarray(29)), decipher.final()]).toString("utf8");
    },
  };
}
