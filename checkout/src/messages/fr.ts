/** The texts of the checkout page in French. */
import type { Messages } from "./messages.ts";

export const fr: Messages = {
  app: {
    heading: "Payer {merchant}",
    testMode: "Mode test",
    testHint: "{card}, date future, code au choix.",
    noRealMoney: "Aucune somme réelle n’est débitée.",
    summary: "Récapitulatif de la commande",
    moreItems: { one: "Afficher {count} autre article", other: "Afficher {count} autres articles" },
    fewerItems: "Afficher moins d’articles",
    tax: "Taxes",
    discount: "Remise",
    total: "Total",
    every: { one: "chaque jour", other: "tous les {count} jours" },
    renews: "Renouvellement automatique jusqu’à résiliation",
    consent:
      "En payant, vous autorisez {merchant} à débiter cette carte de {amount} {every} jusqu’à la résiliation de l’abonnement.",
    consentAnyMethod:
      "En payant, vous autorisez {merchant} à débiter votre moyen de paiement de {amount} {every} jusqu’à la résiliation de l’abonnement.",
    email: "E-mail",
    cardDetails: "Informations de la carte",
    paymentDetails: "Informations de paiement",
    loadingFields: "Chargement…",
    fieldsWrong: "Vérifiez vos informations de paiement.",
    fields: {
      number: "Numéro de carte",
      expiry: "Date d’expiration",
      cvc: "Code de sécurité",
      name: "Nom sur la carte",
    },
    expiryHint: "MM / AA",
    codeOnBack: "3 chiffres au dos",
    codeOnFront: "4 chiffres au recto",
    pay: "Payer {amount}",
    paying: "Paiement en cours…",
    cancel: "Annuler",
    checkNow: "Vérifier maintenant",
    privacy: "{merchant} ne voit jamais votre numéro de carte.",
    poweredBy: "Propulsé par {name}",
    errors: {
      name: {
        required: "Saisissez le nom inscrit sur la carte.",
        invalid: "Saisissez le nom tel qu’il figure sur la carte.",
      },
      number: {
        required: "Saisissez le numéro de carte.",
        invalid: "Ce numéro de carte n’est pas valide. Vérifiez votre saisie.",
        not_a_test_card: "Ceci est un paiement de test. Utilisez une carte de test, par exemple {card}.",
      },
      expiry: {
        required: "Saisissez la date d’expiration.",
        invalid: "Saisissez la date d’expiration sous la forme MM / AA.",
        expired: "Cette carte a expiré.",
      },
      cvc: {
        required: "Saisissez le code de sécurité.",
        invalid: "Le code de sécurité est incomplet.",
      },
    },
    declines: {
      generic_decline: "Votre carte a été refusée. Réessayez ou utilisez une autre carte.",
      insufficient_funds: "Le solde de votre carte est insuffisant. Utilisez une autre carte.",
      lost_card: "Votre carte a été refusée. Utilisez une autre carte ou contactez votre banque.",
      stolen_card: "Votre carte a été refusée. Utilisez une autre carte ou contactez votre banque.",
      expired_card: "Votre carte a expiré. Utilisez une autre carte.",
      incorrect_cvc: "Le code de sécurité est incorrect. Vérifiez-le et réessayez.",
      processing_error:
        "Une erreur s’est produite lors du traitement de votre carte. Réessayez dans un instant.",
      authentication_required: "Votre banque vous demande de confirmer ce paiement. Réessayez.",
      authentication_failed:
        "Votre banque n’a pas pu confirmer votre identité. Réessayez ou utilisez une autre carte.",
      authentication_abandoned: "La confirmation auprès de votre banque n’a pas été terminée. Réessayez.",
    },
    connection: {
      unconfirmed:
        "La connexion a été interrompue pendant le paiement. Nous vérifions si votre paiement nous est parvenu. Ne payez pas de nouveau pour l’instant.",
      notCharged:
        "Votre paiement ne nous est pas parvenu et vous n’avez pas été débité. Vous pouvez réessayer.",
      lost: "Pas de connexion pour le moment. Nouvelle tentative en cours.",
    },
    notTried: {
      too_many: "Trop de tentatives pour le moment. Réessayez dans une minute.",
      busy: "Nous sommes très sollicités pour le moment, et votre paiement n’a pas été tenté. Réessayez dans un instant.",
    },
    processing: {
      title: "Confirmation de votre paiement",
      text: "Nous attendons la réponse à votre paiement. Ne payez pas de nouveau : cette page se met à jour d’elle-même.",
      closing: "Vous pouvez aussi fermer cette page. {merchant} sera informé du résultat dans tous les cas.",
    },
    action: {
      title: "Confirmez auprès de votre banque",
      text: "Votre banque souhaite s’assurer qu’il s’agit bien de vous. Terminez le paiement sur sa page.",
      link: "Continuer vers votre banque",
    },
    paid: {
      title: "Paiement réussi",
      merchant: "Payé à",
      card: "Carte",
      cardEnding: "{brand} se terminant par {last4}",
      wallet: "Payé avec",
      reference: "Référence",
      on: "Payé le",
      closing: "Vous pouvez fermer cette fenêtre.",
      returning: "Retour vers {merchant}…",
    },
    back: "Retourner vers {merchant}",
    cancelled: {
      title: "Paiement annulé",
      text: "Ce paiement a été annulé. Vous n’avez pas été débité.",
    },
    canceledHere: {
      title: "Vous avez annulé le paiement",
      text: "Vous n’avez pas été débité. Si vous changez d’avis, vous pouvez encore payer.",
      resume: "Revenir au paiement",
    },
    expired: {
      title: "Ce lien de paiement a expiré",
      text: "Vous n’avez pas été débité. Pour payer, demandez un nouveau lien à {merchant}.",
    },
    failed: {
      title: "Le paiement a échoué",
      text: "Il y a eu trop de tentatives infructueuses. Vous n’avez pas été débité. Pour payer, demandez un nouveau lien à {merchant}.",
    },
    unknown: {
      title: "Lien de paiement introuvable",
      text: "Vérifiez que vous avez ouvert le lien en entier, ou demandez-en un nouveau au marchand.",
    },
    events: {
      started: "Page de paiement ouverte.",
      success: "Paiement réussi.",
      canceled: "Paiement annulé.",
    },
  },
  notices: {
    busy: {
      title: "Nous sommes très sollicités",
      text: "Trop de personnes paient en ce moment. Cette page se rechargera d’elle-même.",
    },
    heldUp: {
      title: "Trop de demandes",
      text: "Trop de demandes ont été envoyées depuis votre réseau. Cette page se rechargera d’elle-même.",
    },
    broken: {
      title: "Une erreur s’est produite",
      text: "Une erreur s’est produite de notre côté. Rechargez cette page dans un instant.",
    },
  },
  document: {
    title: "Paiement",
    noscript:
      "Cette page a besoin de JavaScript pour recueillir les informations de votre carte en toute sécurité. Activez-le et rechargez la page.",
  },
  challenge: {
    title: "Confirmez votre paiement",
    badge: "Environnement de test",
    text: "Ceci est la vérification fictive de l’environnement de test. Lors d’un vrai paiement, votre banque vous demanderait ici de confirmer votre identité. Aucune somme réelle n’est débitée.",
    merchant: "Marchand",
    amount: "Montant",
    card: "Carte",
    cardEnding: "Se terminant par {last4}",
    question: "Comment cette vérification doit-elle se terminer ?",
    complete: "Valider",
    fail: "Faire échouer",
    over: {
      title: "Cette vérification est terminée",
      text: "Elle a déjà reçu une réponse ou a pris trop de temps.",
    },
  },
};
