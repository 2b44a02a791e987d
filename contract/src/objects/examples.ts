/** The values that all examples share, so that they tell one story. */
export const EXAMPLE = {
  intent: "pi_01a2067c-b043-75f7-891a-400bc508234b",
  reference: "ORDER-123456",
  subscription: "sub_01a2067c-b0ab-7d4b-b66e-0389e9884958",
  customer: "cus_01a2067c-b043-7586-8f56-f0c51a6e678b",
  customerReference: "CUST-001",
  refund: "re_01a206a5-0339-7567-92e3-3d9dd9a4d512",
  event: "evt_01a206ad-77bf-7d5f-a1cf-60c7511dd544",
  endpoint: "we_01a206ad-6f14-7569-9d15-242ef7496974",
  client: "test_5f0c1d9ab2e74c3388d10a6f",
  charge: 105,
  paymentUrl: "https://pay.example.com/pay/AaIGe83CdHCIp0tMbnXzGgGiBnywQ3X3iRpAC8UII0s1Yq0C",
  created: "2026-11-23T03:39:24.611682Z",
  paid: "2026-11-23T03:39:24.715903Z",
  later: "2026-12-23T03:39:24.715903Z",
  expires: "2026-11-24T03:39:24.611682Z",
} as const;
