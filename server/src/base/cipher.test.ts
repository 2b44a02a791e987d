import { createCipheriv, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createCipher } from "./cipher.ts";
import { realWorld } from "./world.ts";

const world = realWorld();
const [oldest, old, present] = [randomBytes(32), randomBytes(32), randomBytes(32)];

/** As they were stored before a value told its key: version 1, nonce, tag, ciphertext. */
function sealedWithoutMark(key: Buffer, plain: string, context: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(1), nonce, cipher.getAuthTag(), sealed]);
}

describe("a sealed secret", () => {
  test("opens with its key, and with it alone", () => {
    const cipher = createCipher(present, world);
    const sealed = cipher.encrypt("whsec_ü", "a");
    expect(cipher.decrypt(sealed, "a")).toBe("whsec_ü");
    expect(createCipher(old, world, [present]).decrypt(sealed, "a")).toBe("whsec_ü");
    expect(() => createCipher(old, world, [oldest]).decrypt(sealed, "a")).toThrow("No given key");
  });

  test("is bound to its place, and to each of its bytes", () => {
    const cipher = createCipher(present, world, [old]);
    const sealed = cipher.encrypt("whsec_x", "a");
    expect(() => cipher.decrypt(sealed, "b")).toThrow("No given key");
    for (const at of sealed.keys()) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => cipher.decrypt(changed, "a"), `byte ${at}`).toThrow();
    }
    for (const length of [0, 1, 5, 17, 33])
      expect(() => cipher.decrypt(sealed.subarray(0, length), "a")).toThrow();
  });

  test("of any earlier key opens while that key is given, and new ones take the present key", () => {
    const cipher = createCipher(present, world, [old, oldest]);
    for (const key of [old, oldest]) {
      const sealed = createCipher(key, world).encrypt("whsec_x", "a");
      expect(cipher.decrypt(sealed, "a")).toBe("whsec_x");
      expect(sealed.subarray(0, cipher.seal.length)).not.toEqual(cipher.seal);
    }
    const sealed = cipher.encrypt("whsec_x", "a");
    expect(sealed.subarray(0, cipher.seal.length)).toEqual(cipher.seal);
    expect(createCipher(present, world).decrypt(sealed, "a")).toBe("whsec_x");
  });

  test("from before values told their key still opens, also with an earlier key", () => {
    const sealed = sealedWithoutMark(old, "whsec_x", "a");
    expect(createCipher(old, world).decrypt(sealed, "a")).toBe("whsec_x");
    expect(createCipher(present, world, [oldest, old]).decrypt(sealed, "a")).toBe("whsec_x");
    expect(() => createCipher(present, world, [oldest]).decrypt(sealed, "a")).toThrow("No given key");
  });

  test("shows nothing of its key, nor does what is derived from it", () => {
    const cipher = createCipher(present, world, [old]);
    const [first, second] = cipher.derive("a purpose");
    const shown = Buffer.concat([cipher.encrypt("x", "a"), first ?? present, second ?? present]);
    for (let at = 0; at + 4 <= present.length; at++)
      expect(shown.includes(present.subarray(at, at + 4)), `from byte ${at}`).toBe(false);
    expect(createCipher(present, world).derive("a purpose")[0]).toEqual(first);
    expect(createCipher(old, world).derive("a purpose")[0]).toEqual(second);
    expect(cipher.derive("another")[0]).not.toEqual(first);
  });
});
