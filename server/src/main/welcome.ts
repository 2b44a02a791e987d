/** What `npm start` prints: where it is, how to come in, and a first payment to paste. */

export function welcome(started: {
  readonly publicUrl: string;
  readonly clientId: string;
  /** Shown at the first start only; null for one that was given or is known. */
  readonly newSecret: string | null;
  readonly secretFile: string;
  readonly webhook: { readonly url: string; readonly secretFile: string } | null;
}): string {
  const { publicUrl, clientId, newSecret, webhook } = started;
  const secretFile = quoted(started.secretFile);
  const secretLine = newSecret ?? `as before, in ${started.secretFile}`;
  const hooks = webhook ? `\n  Webhooks       ${webhook.url} (signing secret in ${webhook.secretFile})` : "";
  return `
  Mintro is ready at ${publicUrl}

  Client ID      ${clientId}
  Client secret  ${secretLine}${hooks}
  Demo payment   ${publicUrl}/pay/demo   (card 4242 4242 4242 4242, any future date, any code)
  Docs           README.md and docs/guides/first-payment.md

  Create a payment intent, then open its payment_url:

  curl -X POST ${publicUrl}/api/platform/intents \\
    -H "X-Client-ID: ${clientId}" \\
    -H "X-Client-Secret: $(cat ${secretFile})" \\
    -H "Idempotency-Key: $(date +%s%N)" \\
    -H "Content-Type: application/json" \\
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

/** For a shell, inside double quotes' $( … ). */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
