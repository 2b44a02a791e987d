/**
 * A merchant's web site on a port, and so an origin, of its own: a shop page that frames the checkout with the listener
 * of the platform's document, word for word, and whatever pages customers are sent back to.
 */
import { createServer, type IncomingHttpHeaders } from "node:http";

export type MerchantSite = {
  /** `http://127.0.0.1:port`; the platform is at `localhost`, so even the site is another one. */
  readonly origin: string;
  /** The shop's page with `paymentUrl` in a frame. What it hears stands in `heard`, as `{origin, data}`. */
  shopWith(paymentUrl: string): string;
  /** Every request that reached the merchant, in order. */
  readonly visits: readonly { readonly url: string; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
};

export async function openMerchantSite(): Promise<MerchantSite> {
  const visits: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://merchant");
    visits.push({ url: request.url ?? "/", headers: request.headers });
    const paymentUrl = url.searchParams.get("pay");
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(paymentUrl === null ? "<!doctype html><title>Shop</title><h1>Shop</h1>" : shop(paymentUrl));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The merchant's site has no port.");
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    visits,
    shopWith: (paymentUrl) => `${origin}/shop?pay=${encodeURIComponent(paymentUrl)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function shop(paymentUrl: string): string {
  return `<!doctype html>
<title>Shop</title>
<h1>Shop</h1>
<script>
const heard = [];
window.addEventListener('message', (event) => heard.push({ origin: event.origin, data: event.data }));

${DOCUMENTED_LISTENER}
</script>
<iframe title="Checkout" src="${paymentUrl}" width="480" height="1000"></iframe>`;
}

/** "Event Listener Example" of the platform's document. */
export const DOCUMENTED_LISTENER = `window.addEventListener('message', function(event) {
    const data = event.data;

    // Validate origin if necessary
    // if (event.origin !== 'https://mintro.paywithwallet.net') return;

    switch (data.event) {
        case 'payment.started':
            console.log('User opened checkout:', data.intent_id);
            break;
        case 'payment.success':
            console.log('Payment successful!', data);
            // Close modal, redirect user, etc.
            break;
        case 'payment.failed':
            console.error('Payment failed', data.message);
            break;
        case 'payment.canceled':
            console.warn('User canceled payment');
            break;
        case 'error':
            // Validation errors or system errors
            alert(data.message);
            break;
    }
});`;
