/** The texts of the checkout page in German. */
import type { Messages } from "./messages.ts";

export const de: Messages = {
  app: {
    heading: "Zahlung an {merchant}",
    testMode: "Testmodus",
    testHint: "{card}, künftiges Datum, beliebiger Code.",
    noRealMoney: "Es fließt kein echtes Geld.",
    summary: "Bestellübersicht",
    moreItems: { one: "{count} weiteren Artikel anzeigen", other: "{count} weitere Artikel anzeigen" },
    fewerItems: "Weniger Artikel anzeigen",
    tax: "Steuern",
    discount: "Rabatt",
    total: "Gesamtbetrag",
    every: { one: "jeden Tag", other: "alle {count} Tage" },
    renews: "Verlängert sich automatisch bis zur Kündigung",
    consent:
      "Mit der Zahlung erlauben Sie {merchant}, diese Karte {every} mit {amount} zu belasten, bis das Abonnement gekündigt wird.",
    consentAnyMethod:
      "Mit der Zahlung erlauben Sie {merchant}, Ihre Zahlungsmethode {every} mit {amount} zu belasten, bis das Abonnement gekündigt wird.",
    email: "E-Mail",
    cardDetails: "Kartendaten",
    paymentDetails: "Zahlungsdaten",
    loadingFields: "Wird geladen…",
    fieldsWrong: "Prüfen Sie Ihre Zahlungsdaten.",
    fields: {
      number: "Kartennummer",
      expiry: "Gültig bis",
      cvc: "Prüfnummer",
      name: "Name auf der Karte",
    },
    expiryHint: "MM / JJ",
    codeOnBack: "3 Ziffern auf der Rückseite",
    codeOnFront: "4 Ziffern auf der Vorderseite",
    pay: "{amount} bezahlen",
    paying: "Zahlung wird verarbeitet…",
    cancel: "Abbrechen",
    checkNow: "Jetzt prüfen",
    privacy: "{merchant} sieht Ihre Kartennummer nie.",
    poweredBy: "Bereitgestellt mit {name}",
    errors: {
      name: {
        required: "Geben Sie den Namen auf der Karte ein.",
        invalid: "Geben Sie den Namen so ein, wie er auf der Karte steht.",
      },
      number: {
        required: "Geben Sie die Kartennummer ein.",
        invalid: "Diese Kartennummer ist ungültig. Bitte prüfen Sie sie auf Tippfehler.",
        not_a_test_card: "Dies ist eine Testzahlung. Verwenden Sie eine Testkarte, zum Beispiel {card}.",
      },
      expiry: {
        required: "Geben Sie das Gültigkeitsdatum ein.",
        invalid: "Geben Sie das Gültigkeitsdatum als MM / JJ ein.",
        expired: "Diese Karte ist abgelaufen.",
      },
      cvc: {
        required: "Geben Sie die Prüfnummer ein.",
        invalid: "Die Prüfnummer ist unvollständig.",
      },
    },
    declines: {
      generic_decline:
        "Ihre Karte wurde abgelehnt. Versuchen Sie es erneut oder verwenden Sie eine andere Karte.",
      insufficient_funds: "Ihre Karte ist nicht ausreichend gedeckt. Verwenden Sie eine andere Karte.",
      lost_card:
        "Ihre Karte wurde abgelehnt. Verwenden Sie eine andere Karte oder wenden Sie sich an Ihre Bank.",
      stolen_card:
        "Ihre Karte wurde abgelehnt. Verwenden Sie eine andere Karte oder wenden Sie sich an Ihre Bank.",
      expired_card: "Ihre Karte ist abgelaufen. Verwenden Sie eine andere Karte.",
      incorrect_cvc: "Die Prüfnummer war nicht richtig. Prüfen Sie sie und versuchen Sie es erneut.",
      processing_error:
        "Bei der Verarbeitung Ihrer Karte ist ein Fehler aufgetreten. Versuchen Sie es gleich noch einmal.",
      authentication_required:
        "Ihre Bank verlangt, dass Sie diese Zahlung bestätigen. Versuchen Sie es erneut.",
      authentication_failed:
        "Ihre Bank konnte Ihre Identität nicht bestätigen. Versuchen Sie es erneut oder verwenden Sie eine andere Karte.",
      authentication_abandoned:
        "Die Bestätigung bei Ihrer Bank wurde nicht abgeschlossen. Versuchen Sie es erneut.",
    },
    connection: {
      unconfirmed:
        "Während der Zahlung ging die Verbindung verloren. Wir prüfen, ob Ihre Zahlung angekommen ist. Bitte zahlen Sie noch nicht erneut.",
      notCharged:
        "Ihre Zahlung ist nicht angekommen, und Ihre Karte wurde nicht belastet. Sie können es erneut versuchen.",
      lost: "Zurzeit keine Verbindung. Wir versuchen es weiter.",
    },
    notTried: {
      too_many: "Zurzeit gibt es zu viele Versuche. Versuchen Sie es in einer Minute noch einmal.",
      busy: "Zurzeit ist sehr viel los, und Ihre Zahlung wurde nicht versucht. Versuchen Sie es gleich noch einmal.",
    },
    processing: {
      title: "Ihre Zahlung wird bestätigt",
      text: "Wir warten auf die Antwort zu Ihrer Zahlung. Bitte zahlen Sie nicht noch einmal: Diese Seite aktualisiert sich von selbst.",
      closing: "Sie können diese Seite auch schließen. {merchant} erfährt das Ergebnis in jedem Fall.",
    },
    action: {
      title: "Bestätigung bei Ihrer Bank",
      text: "Ihre Bank möchte sichergehen, dass Sie es sind. Schließen Sie die Zahlung auf der Seite Ihrer Bank ab.",
      link: "Weiter zu Ihrer Bank",
    },
    paid: {
      title: "Zahlung erfolgreich",
      merchant: "Empfänger",
      card: "Karte",
      cardEnding: "{brand} mit den Endziffern {last4}",
      wallet: "Bezahlt mit",
      reference: "Referenz",
      on: "Bezahlt am",
      closing: "Sie können dieses Fenster schließen.",
      returning: "Sie werden zu {merchant} zurückgeleitet…",
    },
    back: "Zurück zu {merchant}",
    cancelled: {
      title: "Zahlung storniert",
      text: "Diese Zahlung wurde storniert. Ihre Karte wurde nicht belastet.",
    },
    canceledHere: {
      title: "Sie haben die Zahlung abgebrochen",
      text: "Ihre Karte wurde nicht belastet. Wenn Sie es sich anders überlegen, können Sie weiterhin bezahlen.",
      resume: "Zurück zur Zahlung",
    },
    expired: {
      title: "Dieser Zahlungslink ist abgelaufen",
      text: "Ihre Karte wurde nicht belastet. Bitten Sie {merchant} um einen neuen Link, um zu bezahlen.",
    },
    failed: {
      title: "Die Zahlung ist fehlgeschlagen",
      text: "Es gab zu viele erfolglose Versuche. Ihre Karte wurde nicht belastet. Bitten Sie {merchant} um einen neuen Link, um zu bezahlen.",
    },
    unknown: {
      title: "Zahlungslink nicht gefunden",
      text: "Prüfen Sie, ob Sie den vollständigen Link geöffnet haben, oder bitten Sie den Händler um einen neuen.",
    },
    events: {
      started: "Zahlungsseite geöffnet.",
      success: "Zahlung erfolgreich.",
      canceled: "Zahlung abgebrochen.",
    },
  },
  notices: {
    busy: {
      title: "Zurzeit ist viel los",
      text: "Im Moment bezahlen sehr viele Menschen. Diese Seite lädt sich von selbst neu.",
    },
    heldUp: {
      title: "Zu viele Anfragen",
      text: "Aus Ihrem Netzwerk kamen zu viele Anfragen. Diese Seite lädt sich von selbst neu.",
    },
    broken: {
      title: "Etwas ist schiefgegangen",
      text: "Auf unserer Seite ist ein Fehler aufgetreten. Laden Sie diese Seite gleich noch einmal.",
    },
  },
  document: {
    title: "Zahlung",
    noscript:
      "Diese Seite benötigt JavaScript, um Ihre Kartendaten sicher entgegenzunehmen. Schalten Sie es ein und laden Sie die Seite neu.",
  },
  challenge: {
    title: "Bestätigen Sie Ihre Zahlung",
    badge: "Testumgebung",
    text: "Dies ist die Testabfrage der Sandbox. Bei einer echten Zahlung würde Ihre Bank Sie hier bitten, Ihre Identität zu bestätigen. Es fließt kein echtes Geld.",
    merchant: "Händler",
    amount: "Betrag",
    card: "Karte",
    cardEnding: "Endziffern {last4}",
    question: "Wie soll diese Prüfung ausgehen?",
    complete: "Bestätigen",
    fail: "Fehlschlagen lassen",
    over: {
      title: "Diese Prüfung ist beendet",
      text: "Sie wurde bereits beantwortet oder hat zu lange gedauert.",
    },
  },
};
