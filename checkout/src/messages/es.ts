/** The texts of the checkout page in Spanish. */
import type { Messages } from "./messages.ts";

export const es: Messages = {
  app: {
    heading: "Pagar a {merchant}",
    testMode: "Modo de prueba",
    testHint: "{card}, fecha futura, cualquier código.",
    noRealMoney: "No se mueve dinero real.",
    summary: "Resumen del pedido",
    moreItems: { one: "Mostrar {count} artículo más", other: "Mostrar {count} artículos más" },
    fewerItems: "Mostrar menos artículos",
    tax: "Impuestos",
    discount: "Descuento",
    total: "Total",
    every: { one: "cada día", other: "cada {count} días" },
    renews: "Se renueva automáticamente hasta que se cancele",
    consent:
      "Al pagar, autoriza a {merchant} a cobrar {amount} {every} en esta tarjeta hasta que se cancele la suscripción.",
    consentAnyMethod:
      "Al pagar, autoriza a {merchant} a cobrar {amount} {every} en su método de pago hasta que se cancele la suscripción.",
    email: "Correo electrónico",
    cardDetails: "Datos de la tarjeta",
    paymentDetails: "Datos de pago",
    loadingFields: "Cargando…",
    fieldsWrong: "Revise sus datos de pago.",
    fields: {
      number: "Número de tarjeta",
      expiry: "Fecha de caducidad",
      cvc: "Código de seguridad",
      name: "Nombre en la tarjeta",
    },
    expiryHint: "MM / AA",
    codeOnBack: "3 dígitos en el reverso",
    codeOnFront: "4 dígitos en el anverso",
    pay: "Pagar {amount}",
    paying: "Procesando el pago…",
    cancel: "Cancelar",
    checkNow: "Comprobar ahora",
    privacy: "{merchant} nunca ve su número de tarjeta.",
    poweredBy: "Con tecnología de {name}",
    errors: {
      name: {
        required: "Introduzca el nombre que figura en la tarjeta.",
        invalid: "Introduzca el nombre tal como figura en la tarjeta.",
      },
      number: {
        required: "Introduzca el número de la tarjeta.",
        invalid: "Este número de tarjeta no es válido. Compruebe que esté bien escrito.",
        not_a_test_card: "Este es un pago de prueba. Use una tarjeta de prueba, como {card}.",
      },
      expiry: {
        required: "Introduzca la fecha de caducidad.",
        invalid: "Escriba la fecha de caducidad como MM / AA.",
        expired: "Esta tarjeta ha caducado.",
      },
      cvc: {
        required: "Introduzca el código de seguridad.",
        invalid: "El código de seguridad está incompleto.",
      },
    },
    declines: {
      generic_decline: "Su tarjeta ha sido rechazada. Vuelva a intentarlo o use otra tarjeta.",
      insufficient_funds: "Su tarjeta no tiene fondos suficientes. Use otra tarjeta.",
      lost_card: "Su tarjeta ha sido rechazada. Use otra tarjeta o póngase en contacto con su banco.",
      stolen_card: "Su tarjeta ha sido rechazada. Use otra tarjeta o póngase en contacto con su banco.",
      expired_card: "Su tarjeta ha caducado. Use otra tarjeta.",
      incorrect_cvc: "El código de seguridad no es correcto. Compruébelo y vuelva a intentarlo.",
      processing_error:
        "Se ha producido un error al procesar su tarjeta. Vuelva a intentarlo en unos instantes.",
      authentication_required: "Su banco pide que confirme este pago. Vuelva a intentarlo.",
      authentication_failed:
        "Su banco no ha podido confirmar su identidad. Vuelva a intentarlo o use otra tarjeta.",
      authentication_abandoned: "No se completó la confirmación con su banco. Vuelva a intentarlo.",
    },
    connection: {
      unconfirmed:
        "Se perdió la conexión durante el pago. Estamos comprobando si su pago ha llegado. No vuelva a pagar todavía.",
      notCharged: "Su pago no llegó y no se le ha cobrado nada. Puede volver a intentarlo.",
      lost: "No hay conexión en este momento. Seguimos intentándolo.",
    },
    notTried: {
      too_many: "Hay demasiados intentos en este momento. Vuelva a intentarlo en un minuto.",
      busy: "Hay mucha actividad en este momento y no se ha intentado su pago. Vuelva a intentarlo en unos instantes.",
    },
    processing: {
      title: "Confirmando su pago",
      text: "Estamos esperando la respuesta a su pago. No vuelva a pagar: esta página se actualiza sola.",
      closing: "También puede cerrar esta página. {merchant} recibirá el resultado en cualquier caso.",
    },
    action: {
      title: "Confirme con su banco",
      text: "Su banco quiere asegurarse de que es usted. Termine el pago en su página.",
      link: "Continuar a su banco",
    },
    paid: {
      title: "Pago realizado",
      merchant: "Pagado a",
      card: "Tarjeta",
      cardEnding: "{brand} terminada en {last4}",
      wallet: "Pagado con",
      reference: "Referencia",
      on: "Pagado el",
      closing: "Puede cerrar esta ventana.",
      returning: "Le llevamos de vuelta a {merchant}…",
    },
    back: "Volver a {merchant}",
    cancelled: {
      title: "Pago cancelado",
      text: "Este pago se ha cancelado. No se le ha cobrado nada.",
    },
    canceledHere: {
      title: "Ha cancelado el pago",
      text: "No se le ha cobrado nada. Si cambia de opinión, todavía puede pagar.",
      resume: "Volver al pago",
    },
    expired: {
      title: "Este enlace de pago ha caducado",
      text: "No se le ha cobrado nada. Para pagar, pida un nuevo enlace a {merchant}.",
    },
    failed: {
      title: "No se ha podido realizar el pago",
      text: "Hubo demasiados intentos fallidos. No se le ha cobrado nada. Para pagar, pida un nuevo enlace a {merchant}.",
    },
    unknown: {
      title: "No encontramos este enlace de pago",
      text: "Compruebe que ha abierto el enlace completo o pida uno nuevo al comercio.",
    },
    events: {
      started: "Página de pago abierta.",
      success: "Pago realizado.",
      canceled: "Pago cancelado.",
    },
  },
  notices: {
    busy: {
      title: "Hay mucha actividad",
      text: "En este momento están pagando demasiadas personas. Esta página se recargará sola.",
    },
    heldUp: {
      title: "Demasiadas solicitudes",
      text: "Ha habido demasiadas solicitudes desde su red. Esta página se recargará sola.",
    },
    broken: {
      title: "Algo ha fallado",
      text: "Ha fallado algo por nuestra parte. Vuelva a cargar esta página en unos instantes.",
    },
  },
  document: {
    title: "Pago",
    noscript:
      "Esta página necesita JavaScript para recoger los datos de su tarjeta de forma segura. Actívelo y vuelva a cargar la página.",
  },
  challenge: {
    title: "Confirme su pago",
    badge: "Entorno de pruebas",
    text: "Esta es la verificación de prueba del entorno de pruebas. En un pago real, su banco le pediría aquí que confirme que es usted. No se mueve dinero real.",
    merchant: "Comercio",
    amount: "Importe",
    card: "Tarjeta",
    cardEnding: "Terminada en {last4}",
    question: "¿Cómo debe terminar esta verificación?",
    complete: "Completar",
    fail: "Rechazar",
    over: {
      title: "Esta verificación ha terminado",
      text: "Ya se respondió o tardó demasiado.",
    },
  },
};
