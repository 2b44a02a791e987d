/**
 * Takes the picture of the README from the real page, so that it never shows another one than customers see:
 *
 *   npm start                                                      in one terminal
 *   npx node docs/images/take.ts http://localhost:3000             in another
 */
import { fileURLToPath } from "node:url";
import { launchChromium } from "../../server/test/support/chromium.ts";

const PICTURE = fileURLToPath(new URL("checkout.png", import.meta.url));

const browser = await launchChromium();
try {
  const page = await browser.newPage({
    viewport: { width: 1120, height: 790 },
    colorScheme: "light",
    locale: "en-US",
    deviceScaleFactor: 1.5,
  });
  await page.goto(`${process.argv[2] ?? "http://localhost:3000"}/pay/demo`);
  await page.getByRole("button", { name: /^Pay/ }).waitFor();
  await page.screenshot({ path: PICTURE, animations: "disabled" });
} finally {
  await browser.close();
}
