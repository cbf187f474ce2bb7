/** As long as the shortest signature, in base64 or as a URL or JSON has that; tickers and ids are far shorter. */
const SIGNATURE = /(?:[A-Za-z0-9+/_-]|\\\/|%2[BbFf]){80,}(?:={1,2}|(?:%3[Dd]){1,2})?/g;

/** What an answer says, as far as it may be shown: a server or proxy may say back the signature that it was sent. */
export function withoutSignatures(said: string): string {
  return said.replaceAll(SIGNATURE, "[…]");
}
