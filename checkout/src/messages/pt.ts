/** The texts of the checkout page in Portuguese. */
import type { Messages } from "./messages.ts";

export const pt: Messages = {
  app: {
    heading: "Pagar a {merchant}",
    testMode: "Modo de teste",
    testHint: "{card}, data futura, qualquer código.",
    noRealMoney: "Nenhum dinheiro real é movimentado.",
    summary: "Resumo do pedido",
    moreItems: { one: "Mostrar mais {count} item", other: "Mostrar mais {count} itens" },
    fewerItems: "Mostrar menos itens",
    tax: "Impostos",
    discount: "Desconto",
    total: "Total",
    every: { one: "todos os dias", other: "a cada {count} dias" },
    renews: "Renovação automática até o cancelamento",
    consent:
      "Ao pagar, você autoriza {merchant} a cobrar {amount} neste cartão {every} até que a assinatura seja cancelada.",
    consentAnyMethod:
      "Ao pagar, você autoriza {merchant} a cobrar {amount} na sua forma de pagamento {every} até que a assinatura seja cancelada.",
    email: "E-mail",
    cardDetails: "Dados do cartão",
    paymentDetails: "Dados de pagamento",
    loadingFields: "Carregando…",
    fieldsWrong: "Confira seus dados de pagamento.",
    fields: {
      number: "Número do cartão",
      expiry: "Data de validade",
      cvc: "Código de segurança",
      name: "Nome no cartão",
    },
    expiryHint: "MM / AA",
    codeOnBack: "3 dígitos no verso",
    codeOnFront: "4 dígitos na frente",
    pay: "Pagar {amount}",
    paying: "Processando o pagamento…",
    cancel: "Cancelar",
    checkNow: "Verificar agora",
    privacy: "{merchant} nunca vê o número do seu cartão.",
    poweredBy: "Com tecnologia {name}",
    errors: {
      name: {
        required: "Informe o nome impresso no cartão.",
        invalid: "Informe o nome exatamente como está no cartão.",
      },
      number: {
        required: "Informe o número do cartão.",
        invalid: "Este número de cartão não é válido. Verifique se foi digitado corretamente.",
        not_a_test_card: "Este é um pagamento de teste. Use um cartão de teste, como {card}.",
      },
      expiry: {
        required: "Informe a data de validade.",
        invalid: "Informe a data de validade no formato MM / AA.",
        expired: "Este cartão está vencido.",
      },
      cvc: {
        required: "Informe o código de segurança.",
        invalid: "O código de segurança está incompleto.",
      },
    },
    declines: {
      generic_decline: "Seu cartão foi recusado. Tente novamente ou use outro cartão.",
      insufficient_funds: "Seu cartão não tem saldo suficiente. Use outro cartão.",
      lost_card: "Seu cartão foi recusado. Use outro cartão ou entre em contato com seu banco.",
      stolen_card: "Seu cartão foi recusado. Use outro cartão ou entre em contato com seu banco.",
      expired_card: "Seu cartão está vencido. Use outro cartão.",
      incorrect_cvc: "O código de segurança está incorreto. Verifique-o e tente novamente.",
      processing_error: "Ocorreu um erro ao processar seu cartão. Tente novamente em instantes.",
      authentication_required: "Seu banco pede que você confirme este pagamento. Tente novamente.",
      authentication_failed:
        "Seu banco não conseguiu confirmar sua identidade. Tente novamente ou use outro cartão.",
      authentication_abandoned: "A confirmação com seu banco não foi concluída. Tente novamente.",
    },
    connection: {
      unconfirmed:
        "A conexão caiu durante o pagamento. Estamos verificando se o pagamento chegou. Não pague novamente por enquanto.",
      notCharged: "Seu pagamento não chegou e nada foi cobrado. Você pode tentar novamente.",
      lost: "Sem conexão no momento. Continuamos tentando.",
    },
    notTried: {
      too_many: "Há tentativas demais no momento. Tente novamente em um minuto.",
      busy: "Estamos com muito movimento no momento, e seu pagamento não foi processado. Tente novamente em instantes.",
    },
    processing: {
      title: "Confirmando seu pagamento",
      text: "Estamos aguardando a resposta do seu pagamento. Não pague novamente: esta página se atualiza sozinha.",
      closing: "Você também pode fechar esta página. {merchant} receberá o resultado de qualquer forma.",
    },
    action: {
      title: "Confirme com seu banco",
      text: "Seu banco quer ter certeza de que é você. Conclua o pagamento na página dele.",
      link: "Continuar para o seu banco",
    },
    paid: {
      title: "Pagamento realizado",
      merchant: "Pago a",
      card: "Cartão",
      cardEnding: "{brand} com final {last4}",
      wallet: "Pago com",
      reference: "Referência",
      on: "Pago em",
      closing: "Você pode fechar esta janela.",
      returning: "Levando você de volta a {merchant}…",
    },
    back: "Voltar para {merchant}",
    cancelled: {
      title: "Pagamento cancelado",
      text: "Este pagamento foi cancelado. Nada foi cobrado.",
    },
    canceledHere: {
      title: "Você cancelou o pagamento",
      text: "Nada foi cobrado. Se mudar de ideia, você ainda pode pagar.",
      resume: "Voltar ao pagamento",
    },
    expired: {
      title: "Este link de pagamento expirou",
      text: "Nada foi cobrado. Para pagar, peça um novo link a {merchant}.",
    },
    failed: {
      title: "O pagamento não foi concluído",
      text: "Houve muitas tentativas sem sucesso. Nada foi cobrado. Para pagar, peça um novo link a {merchant}.",
    },
    unknown: {
      title: "Link de pagamento não encontrado",
      text: "Verifique se você abriu o link completo ou peça um novo à loja.",
    },
    events: {
      started: "Página de pagamento aberta.",
      success: "Pagamento realizado.",
      canceled: "Pagamento cancelado.",
    },
  },
  notices: {
    busy: {
      title: "Estamos com muito movimento",
      text: "Há muitas pessoas pagando no momento. Esta página será recarregada sozinha.",
    },
    heldUp: {
      title: "Solicitações demais",
      text: "Houve solicitações demais a partir da sua rede. Esta página será recarregada sozinha.",
    },
    broken: {
      title: "Algo deu errado",
      text: "Algo deu errado do nosso lado. Recarregue esta página em instantes.",
    },
  },
  document: {
    title: "Pagamento",
    noscript:
      "Esta página precisa de JavaScript para receber os dados do seu cartão com segurança. Ative-o e recarregue a página.",
  },
  challenge: {
    title: "Confirme seu pagamento",
    badge: "Ambiente de teste",
    text: "Esta é a verificação fictícia do ambiente de teste. Em um pagamento real, seu banco pediria aqui que você confirmasse sua identidade. Nenhum dinheiro real é movimentado.",
    merchant: "Loja",
    amount: "Valor",
    card: "Cartão",
    cardEnding: "Final {last4}",
    question: "Como esta verificação deve terminar?",
    complete: "Concluir",
    fail: "Recusar",
    over: {
      title: "Esta verificação terminou",
      text: "Ela já foi respondida ou demorou demais.",
    },
  },
};
