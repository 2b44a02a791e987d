/**
 * The few words of the embed, in the languages of the checkout page and chosen as the page chooses its own, so that
 * both speak the same one.
 */
export interface Texts {
  readonly title: string;
  readonly close: string;
  readonly loading: string;
  readonly unavailable: string;
  readonly retry: string;
  /** Before a dialog is closed while a payment is under way. */
  readonly busy: string;
  readonly stay: string;
  readonly leave: string;
}

const TEXTS: Readonly<Record<string, Texts>> = {
  en: {
    title: "Payment",
    close: "Close",
    loading: "Loading payment…",
    unavailable: "The payment page cannot be shown at the moment.",
    retry: "Try again",
    busy: "Your payment is still under way. If you close this now, you will not see its result.",
    stay: "Keep open",
    leave: "Close anyway",
  },
  de: {
    title: "Zahlung",
    close: "Schließen",
    loading: "Zahlung wird geladen …",
    unavailable: "Die Zahlungsseite kann gerade nicht angezeigt werden.",
    retry: "Erneut versuchen",
    busy: "Ihre Zahlung läuft noch. Wenn Sie jetzt schließen, sehen Sie das Ergebnis nicht.",
    stay: "Geöffnet lassen",
    leave: "Trotzdem schließen",
  },
  es: {
    title: "Pago",
    close: "Cerrar",
    loading: "Cargando el pago…",
    unavailable: "La página de pago no se puede mostrar en este momento.",
    retry: "Intentar de nuevo",
    busy: "Su pago aún está en curso. Si cierra ahora, no verá el resultado.",
    stay: "Mantener abierto",
    leave: "Cerrar de todos modos",
  },
  fr: {
    title: "Paiement",
    close: "Fermer",
    loading: "Chargement du paiement…",
    unavailable: "La page de paiement ne peut pas être affichée pour le moment.",
    retry: "Réessayer",
    busy: "Votre paiement est encore en cours. Si vous fermez maintenant, vous ne verrez pas le résultat.",
    stay: "Garder ouvert",
    leave: "Fermer quand même",
  },
  pt: {
    title: "Pagamento",
    close: "Fechar",
    loading: "Carregando o pagamento…",
    unavailable: "Não é possível mostrar a página de pagamento no momento.",
    retry: "Tentar novamente",
    busy: "Seu pagamento ainda está em andamento. Se você fechar agora, não verá o resultado.",
    stay: "Manter aberto",
    leave: "Fechar mesmo assim",
  },
  ja: {
    title: "お支払い",
    close: "閉じる",
    loading: "お支払いページを読み込んでいます…",
    unavailable: "現在、お支払いページを表示できません。",
    retry: "もう一度試す",
    busy: "お支払いの処理中です。ここで閉じると、結果は表示されません。",
    stay: "開いたままにする",
    leave: "閉じる",
  },
  ar: {
    title: "الدفع",
    close: "إغلاق",
    loading: "جارٍ تحميل صفحة الدفع…",
    unavailable: "لا يمكن عرض صفحة الدفع في الوقت الحالي.",
    retry: "إعادة المحاولة",
    busy: "لا تزال عملية الدفع جارية. إذا أغلقت الآن فلن ترى النتيجة.",
    stay: "إبقاء النافذة مفتوحة",
    leave: "الإغلاق على أي حال",
  },
};

export interface Speech {
  readonly lang: string;
  readonly dir: "ltr" | "rtl";
  readonly texts: Texts;
}

/** @param wanted language tags as a browser lists them, the best first; English where none is known */
export function speechFor(wanted: readonly string[]): Speech {
  for (const lang of [...wanted.map((tag) => tag.toLowerCase().split("-", 1).join()), "en"]) {
    const texts = TEXTS[lang];
    if (texts) return { lang, dir: lang === "ar" ? "rtl" : "ltr", texts };
  }
  throw new Error("unreachable: English is there");
}
