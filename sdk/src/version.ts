/** The SDK's version, as the server is told it in every request. A test compares it with package.json. */
export const VERSION = "0.1.0";
