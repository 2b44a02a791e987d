/**
 * A certificate for tests of TLS, made on the spot, so that no private key lies in the repository. X.509 version 3
 * (RFC 5280) with an EC key, signed by itself, written in DER by hand since Node reads certificates but makes none.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** `dnsNames`: whom it is for. `notAfter`: `YYMMDDhhmmssZ`. Both parts are PEM. */
export function selfSigned(
  dnsNames: readonly string[],
  notAfter = "491231235959Z",
): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
  const commonName = der(0x0c, Buffer.from(`test ${randomBytes(8).toString("hex")}`));
  const name = sequence(der(0x31, sequence(oid("550403"), commonName)));
  const altNames = sequence(...dnsNames.map((dnsName) => der(0x82, Buffer.from(dnsName))));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])), // serial number
    ecdsaWithSha256,
    name,
    sequence(der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from(notAfter))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(sequence(oid("551d11"), der(0x04, altNames)))),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", toBeSigned, privateKey)]));
  const certificate = sequence(toBeSigned, ecdsaWithSha256, signature).toString("base64");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
