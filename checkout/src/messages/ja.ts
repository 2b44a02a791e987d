/** The texts of the checkout page in Japanese. */
import type { Messages } from "./messages.ts";

export const ja: Messages = {
  app: {
    heading: "{merchant} へのお支払い",
    testMode: "テストモード",
    testHint: "{card}、将来の期限、任意のコード",
    noRealMoney: "実際の請求は発生しません。",
    summary: "ご注文内容",
    moreItems: { other: "残り{count}件を表示" },
    fewerItems: "表示を減らす",
    tax: "税金",
    discount: "割引",
    total: "合計",
    every: { one: "毎日", other: "{count}日ごと" },
    renews: "解約されるまで自動的に更新されます",
    consent:
      "お支払いにより、定期購入が解約されるまで、{merchant} がこのカードに{every}に{amount}を請求することに同意したものとみなされます。",
    consentAnyMethod:
      "お支払いにより、定期購入が解約されるまで、{merchant} がこのお支払い方法に{every}に{amount}を請求することに同意したものとみなされます。",
    email: "メールアドレス",
    cardDetails: "カード情報",
    paymentDetails: "お支払い情報",
    loadingFields: "読み込み中…",
    fieldsWrong: "お支払い情報をご確認ください。",
    fields: {
      number: "カード番号",
      expiry: "有効期限",
      cvc: "セキュリティコード",
      name: "カード名義人",
    },
    expiryHint: "月 / 年",
    codeOnBack: "裏面の3桁の数字",
    codeOnFront: "表面の4桁の数字",
    pay: "{amount}を支払う",
    paying: "お支払いを処理しています…",
    cancel: "キャンセル",
    checkNow: "今すぐ確認",
    privacy: "カード番号が {merchant} に知られることはありません。",
    poweredBy: "Powered by {name}",
    errors: {
      name: {
        required: "カードの名義人を入力してください。",
        invalid: "カードに記載されているとおりに名義人を入力してください。",
      },
      number: {
        required: "カード番号を入力してください。",
        invalid: "カード番号が正しくありません。入力内容をご確認ください。",
        not_a_test_card: "これはテスト決済です。{card} などのテストカードをご利用ください。",
      },
      expiry: {
        required: "有効期限を入力してください。",
        invalid: "有効期限は月 / 年の順に入力してください。",
        expired: "カードの有効期限が切れています。",
      },
      cvc: {
        required: "セキュリティコードを入力してください。",
        invalid: "セキュリティコードの桁数が足りません。",
      },
    },
    declines: {
      generic_decline: "カードが承認されませんでした。もう一度お試しいただくか、別のカードをご利用ください。",
      insufficient_funds: "カードの残高が不足しています。別のカードをご利用ください。",
      lost_card:
        "カードが承認されませんでした。別のカードをご利用いただくか、カード会社にお問い合わせください。",
      stolen_card:
        "カードが承認されませんでした。別のカードをご利用いただくか、カード会社にお問い合わせください。",
      expired_card: "カードの有効期限が切れています。別のカードをご利用ください。",
      incorrect_cvc: "セキュリティコードが正しくありません。ご確認のうえ、もう一度お試しください。",
      processing_error: "カードの処理中にエラーが発生しました。しばらくしてからもう一度お試しください。",
      authentication_required: "カード会社による本人認証が必要です。もう一度お試しください。",
      authentication_failed:
        "カード会社で本人確認ができませんでした。もう一度お試しいただくか、別のカードをご利用ください。",
      authentication_abandoned: "カード会社での本人認証が完了しませんでした。もう一度お試しください。",
    },
    connection: {
      unconfirmed:
        "お支払い中に接続が切れました。お支払いが届いているか確認しています。まだ再度のお支払いはしないでください。",
      notCharged: "お支払いは届いておらず、請求は発生していません。もう一度お試しください。",
      lost: "現在、接続できません。再接続を続けています。",
    },
    notTried: {
      too_many: "ただいま試行回数が多すぎます。1分後にもう一度お試しください。",
      busy: "ただいま大変混み合っており、お支払いは処理されていません。しばらくしてからもう一度お試しください。",
    },
    processing: {
      title: "お支払いを確認しています",
      text: "お支払いの結果を待っています。再度のお支払いはしないでください。このページは自動的に更新されます。",
      closing: "このページを閉じても構いません。結果は {merchant} に必ず通知されます。",
    },
    action: {
      title: "カード会社での本人認証",
      text: "カード会社がご本人であることを確認します。カード会社のページでお支払いを完了してください。",
      link: "カード会社のページへ進む",
    },
    paid: {
      title: "お支払いが完了しました",
      merchant: "お支払い先",
      card: "カード",
      cardEnding: "{brand}（末尾 {last4}）",
      wallet: "お支払い方法",
      reference: "参照番号",
      on: "お支払い日時",
      closing: "このウィンドウを閉じてもかまいません。",
      returning: "{merchant} に戻っています…",
    },
    back: "{merchant} に戻る",
    cancelled: {
      title: "お支払いはキャンセルされました",
      text: "このお支払いはキャンセルされました。請求は発生していません。",
    },
    canceledHere: {
      title: "お支払いをキャンセルしました",
      text: "請求は発生していません。引き続きお支払いいただくこともできます。",
      resume: "お支払いに戻る",
    },
    expired: {
      title: "お支払いリンクの有効期限が切れています",
      text: "請求は発生していません。お支払いには、{merchant} に新しいリンクをご請求ください。",
    },
    failed: {
      title: "お支払いを完了できませんでした",
      text: "失敗した回数が上限に達しました。請求は発生していません。お支払いには、{merchant} に新しいリンクをご請求ください。",
    },
    unknown: {
      title: "お支払いリンクが見つかりません",
      text: "リンク全体を開いているかご確認いただくか、販売者に新しいリンクをご請求ください。",
    },
    events: {
      started: "お支払いページを開きました。",
      success: "お支払いが完了しました。",
      canceled: "お支払いをキャンセルしました。",
    },
  },
  notices: {
    busy: {
      title: "混み合っています",
      text: "ただいまお支払いが集中しています。このページは自動的に再読み込みされます。",
    },
    heldUp: {
      title: "リクエストが多すぎます",
      text: "お使いのネットワークからのリクエストが多すぎます。このページは自動的に再読み込みされます。",
    },
    broken: {
      title: "エラーが発生しました",
      text: "こちら側でエラーが発生しました。しばらくしてからこのページを再読み込みしてください。",
    },
  },
  document: {
    title: "お支払い",
    noscript:
      "カード情報を安全に受け付けるため、このページには JavaScript が必要です。有効にしてからページを再読み込みしてください。",
  },
  challenge: {
    title: "お支払いの確認",
    badge: "サンドボックス",
    text: "これはサンドボックスのテスト用本人認証です。実際のお支払いでは、ここでカード会社が本人確認を行います。実際の請求は発生しません。",
    merchant: "販売者",
    amount: "金額",
    card: "カード",
    cardEnding: "末尾 {last4}",
    question: "この認証の結果を選んでください。",
    complete: "成功させる",
    fail: "失敗させる",
    over: {
      title: "この認証は終了しています",
      text: "すでに回答済みか、時間切れになりました。",
    },
  },
};
