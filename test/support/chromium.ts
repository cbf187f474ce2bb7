import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const executablePath = process.env.KALSHI_LAB_CHROMIUM ?? "/usr/bin/chromium";

/** Why there is no browser here; null when there is one. Where everything must run, that is an error. */
export const whyNoBrowser: string | null = existsSync(executablePath)
  ? null
  : `there is no ${executablePath}; KALSHI_LAB_CHROMIUM names a Chromium elsewhere`;
if (whyNoBrowser !== null && process.env.CI === "true") throw new Error(whyNoBrowser);

/** A headless Chromium with an empty profile that reaches this machine and nothing else. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

/** Collects what goes wrong on a page: errors on its console, exceptions, and requests that fail. */
export function watchTroubles(page: Page): string[] {
  const troubles: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => troubles.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => troubles.push(`request: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) troubles.push(`answer: ${response.status()} ${response.url()}`);
  });
  return troubles;
}
