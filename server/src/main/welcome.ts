/** What `npm start` prints: where it is, how to come in, and a first payment to paste. */

export type Welcome = {
  readonly publicUrl: string;
  readonly clientId: string;
  /** The client whose place this one took, since it was revoked. */
  readonly revokedId: string | null;
  /** Shown at the first start only; null for one that was given or is known. */
  readonly newSecret: string | null;
  /** Null where the secret was given and could not be copied into the data folder. */
  readonly secretFile: string | null;
  readonly webhook: { readonly url: string; readonly secretFile: string | null } | null;
  /** The address that answers, where `publicUrl` is the default and names another. */
  readonly answersAt: string | null;
};

/** The text, from the first line to the curl, which does as it stands in sh and in bash, from any folder. */
export function welcome(facts: Welcome): string {
  const { publicUrl, clientId, revokedId, newSecret, secretFile, webhook, answersAt } = facts;
  const secretLine =
    newSecret ?? (secretFile ? `as before, in ${secretFile}` : "as given in MINTRO_CLIENT_SECRET");
  return `
  Mintro is ready at ${publicUrl}
${answersAt ? `  HOST answers at ${answersAt}, not at localhost: set MINTRO_PUBLIC_URL to the address that customers reach.\n` : ""}${
  revokedId ? `  The client ${revokedId} was revoked and stays so: this is a new one in its place.\n` : ""
}
  Client ID      ${clientId}
  Client secret  ${secretLine}${webhook ? webhookLine(webhook) : ""}
  Demo payment   ${publicUrl}/pay/demo   (card 4242 4242 4242 4242, any future date, any code)
  Docs           ${publicUrl}/docs   (the guides are in docs/guides, too)

  Create a payment intent, then open its payment_url:

  curl -X POST ${quoted(`${publicUrl}/api/platform/intents`)} \\
    -H ${quoted(`X-Client-ID: ${clientId}`)} \\
    -H "X-Client-Secret: ${secretFile ? `$(cat ${quoted(secretFile)})` : "$MINTRO_CLIENT_SECRET"}" \\
    -H "Idempotency-Key: $(date +%s%N)" \\
    -H 'Content-Type: application/json' \\
    -d '{
      "amount": 80,
      "currency": "USD",
      "intent_type": "one_time",
      "email": "customer@example.com",
      "name": "John Doe",
      "reference_id": "ORDER-'$(date +%s%N)'",
      "integration_type": "url",
      "success_url": "https://example.com/success",
      "cancel_url": "https://example.com/cancel",
      "order_items": [{ "name": "Product 1", "quantity": 1, "price": 80 }]
    }'

`;
}

/** What stands before the host and after the path of a webhook's address is often a secret. */
function webhookLine({ url, secretFile }: NonNullable<Welcome["webhook"]>): string {
  const { origin, pathname } = new URL(url);
  return `\n  Webhooks to    ${origin}${pathname}   (signing secret ${secretFile ? `in ${secretFile}` : "as given in MINTRO_WEBHOOK_SECRET"})`;
}

/** For a shell: nothing in it means anything but itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
