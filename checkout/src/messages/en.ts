/** The texts of the checkout page in English, which the other languages are written from. */
import type { Messages } from "./messages.ts";

export const en: Messages = {
  app: {
    heading: "Pay {merchant}",
    testMode: "Test mode",
    testHint: "Use {card}, any future date, any code.",
    noRealMoney: "No real money moves.",
    summary: "Order summary",
    moreItems: { one: "Show {count} more item", other: "Show {count} more items" },
    fewerItems: "Show fewer items",
    tax: "Tax",
    discount: "Discount",
    total: "Total",
    every: { one: "every day", other: "every {count} days" },
    renews: "Renews automatically until canceled",
    consent:
      "By paying, you allow {merchant} to charge this card {amount} {every} until the subscription is canceled.",
    consentAnyMethod:
      "By paying, you allow {merchant} to charge your payment method {amount} {every} until the subscription is canceled.",
    email: "Email",
    cardDetails: "Card details",
    paymentDetails: "Payment details",
    loadingFields: "Loading…",
    fieldsWrong: "Check your payment details.",
    fields: {
      number: "Card number",
      expiry: "Expiration date",
      cvc: "Security code",
      name: "Name on card",
    },
    expiryHint: "MM / YY",
    codeOnBack: "3 digits on the back",
    codeOnFront: "4 digits on the front",
    pay: "Pay {amount}",
    paying: "Processing payment…",
    cancel: "Cancel",
    checkNow: "Check now",
    privacy: "{merchant} never sees your card number.",
    poweredBy: "Powered by {name}",
    errors: {
      name: {
        required: "Enter the name on the card.",
        invalid: "Enter the name as it is written on the card.",
      },
      number: {
        required: "Enter the card number.",
        invalid: "This card number is not valid. Check it for typos.",
        not_a_test_card: "This is a test payment. Use a test card, such as {card}.",
      },
      expiry: {
        required: "Enter the expiration date.",
        invalid: "Enter the expiration date as MM / YY.",
        expired: "This card has expired.",
      },
      cvc: {
        required: "Enter the security code.",
        invalid: "The security code is not complete.",
      },
    },
    declines: {
      generic_decline: "Your card was declined. Try again, or use another card.",
      insufficient_funds: "Your card does not have sufficient funds. Use another card.",
      lost_card: "Your card was declined. Use another card, or contact your bank.",
      stolen_card: "Your card was declined. Use another card, or contact your bank.",
      expired_card: "Your card has expired. Use another card.",
      incorrect_cvc: "The security code was not correct. Check it and try again.",
      processing_error: "Something went wrong while processing your card. Try again in a moment.",
      authentication_required: "Your bank wants you to confirm this payment. Try again.",
      authentication_failed: "Your bank could not confirm that it is you. Try again, or use another card.",
      authentication_abandoned: "The confirmation with your bank was not finished. Try again.",
    },
    connection: {
      unconfirmed:
        "The connection was lost while paying. We are checking whether your payment arrived. Please do not pay again yet.",
      notCharged: "Your payment did not arrive, and you have not been charged. You can try again.",
      lost: "No connection at the moment. We keep trying.",
    },
    notTried: {
      too_many: "Too many attempts at the moment. Try again in a minute.",
      busy: "We are very busy at the moment, and your payment was not tried. Try again in a moment.",
    },
    processing: {
      title: "Confirming your payment",
      text: "We are waiting for the answer to your payment. Please do not pay again: this page updates by itself.",
      closing: "You may also close this page. {merchant} will learn the result either way.",
    },
    action: {
      title: "Confirm with your bank",
      text: "Your bank wants to make sure that it is you. Finish the payment on its page.",
      link: "Continue to your bank",
    },
    paid: {
      title: "Payment successful",
      merchant: "Paid to",
      card: "Card",
      cardEnding: "{brand} ending in {last4}",
      wallet: "Paid with",
      reference: "Reference",
      on: "Paid on",
      closing: "You can close this window.",
      returning: "Taking you back to {merchant}…",
    },
    back: "Return to {merchant}",
    cancelled: {
      title: "Payment canceled",
      text: "This payment was canceled. You have not been charged.",
    },
    canceledHere: {
      title: "You canceled the payment",
      text: "You have not been charged. If you change your mind, you can still pay.",
      resume: "Back to payment",
    },
    expired: {
      title: "This payment link has expired",
      text: "You have not been charged. To pay, ask {merchant} for a new link.",
    },
    failed: {
      title: "The payment failed",
      text: "There were too many unsuccessful attempts. You have not been charged. To pay, ask {merchant} for a new link.",
    },
    unknown: {
      title: "Payment link not found",
      text: "Check that you opened the whole link, or ask the merchant for a new one.",
    },
    events: {
      started: "Checkout opened.",
      success: "Payment successful.",
      canceled: "Payment canceled.",
    },
  },
  notices: {
    busy: {
      title: "We are busy",
      text: "Too many people are paying at the moment. This page reloads by itself.",
    },
    heldUp: {
      title: "Too many requests",
      text: "There were too many requests from your network. This page reloads by itself.",
    },
    broken: {
      title: "Something went wrong",
      text: "Something went wrong on our side. Load this page again in a moment.",
    },
  },
  document: {
    title: "Payment",
    noscript:
      "This page needs JavaScript to take your card details safely. Turn it on and load the page again.",
  },
  challenge: {
    title: "Confirm your payment",
    badge: "Sandbox",
    text: "This is the sandbox's test challenge. In a live payment, your bank would ask you here to confirm that it is you. No real money moves.",
    merchant: "Merchant",
    amount: "Amount",
    card: "Card",
    cardEnding: "Ending in {last4}",
    question: "How should this check end?",
    complete: "Complete",
    fail: "Fail",
    over: {
      title: "This check is over",
      text: "It has already been answered, or it took too long.",
    },
  },
};
