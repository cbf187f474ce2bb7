import { KalshiError } from "../errors.js";

/**
 * The error of an answer that sends elsewhere; null for any other. Redirects are not followed: signed headers belong to the host that they
 * were made for, and the other may be anybody's.
 */
export function redirectError(
  status: number,
  location: string | null,
  base: string,
  where: string,
): KalshiError | null {
  if (status < 300 || status >= 400) return null;
  // A path or a query may hold what is nobody's business.
  const to = location !== null && URL.canParse(location, base) ? new URL(location, base).origin : "nowhere";
  return new KalshiError("BAD_RESPONSE", `${where}: ${new URL(base).host} redirects to ${to}, and was not followed`, {
    hint: "redirects are not followed, so that signed headers stay with their host: give the exchange's own base URL, and check what stands between",
    context: { status, to },
  });
}
