import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { openBrowser, watchTroubles, whyNoBrowser } from "../support/chromium.js";
import { type Member, memberOf } from "../support/sandbox-member.js";
import { keepPicture } from "./charts.js";

const TICKER = "SANDBOX-LIVE-T50";
const title = `the control page${whyNoBrowser === null ? "" : ` (skipped: ${whyNoBrowser})`}`;

describe.skipIf(whyNoBrowser !== null)(title, () => {
  let sandbox: Sandbox;
  let member: Member;
  let browser: Browser;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "page", keyType: "ed25519", tier: "prestige" });
    member = memberOf(sandbox.ready, sandbox.privateKey);
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    troubles = watchTroubles(page);
    await page.goto(sandbox.ready.control_url);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await sandbox?.close();
  });

  /** Waits until the page has asked the sandbox so many times more. */
  async function looksAgain(times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) await page.waitForResponse((response) => response.url().includes("/overview"));
  }
  const ladder = () => page.locator("#ladder").innerText();

  it("shows the clock going, and lets it stand and run faster", async () => {
    const now = async () => Date.parse(`${(await page.locator("#now").innerText()).replace(" ", "T")}Z`);
    await expect.poll(now).toBeGreaterThan(0);
    const begun = await now();
    await page.getByRole("button", { name: "60×", exact: true }).click();
    await expect.poll(now, { timeout: 10_000 }).toBeGreaterThan(begun + 30_000);
    await page.getByRole("button", { name: "1×", exact: true }).click();
    await expect.poll(() => page.locator('.speeds [aria-pressed="true"]').innerText()).toBe("1×");
  });

  it("shows the markets, and the book of the one that is chosen as it moves", async () => {
    await page.locator("#filter").fill("SANDBOX-LIVE");
    await page.getByRole("button", { name: TICKER }).click();
    await expect.poll(() => page.locator("#book-ticker").innerText()).toBe(TICKER);
    const [yes] = sandbox.engine.book(TICKER)?.yes ?? [];
    expect(yes).toBeDefined();
    const before = await ladder();
    expect(before).toMatch(/0\.\d{4}/);
    await expect.poll(ladder, { timeout: 10_000 }).not.toBe(before);
  });

  it("shows who is connected, what they follow, and how many frames they are sent", async () => {
    const client = await member.connect();
    client.send({ id: 1, cmd: "subscribe", params: { channels: ["orderbook_delta"], market_ticker: TICKER } });
    const row = page.locator("#sessions tr").first();
    await expect.poll(() => row.innerText(), { timeout: 10_000 }).toMatch(/orderbook_delta\s+1\s+[1-9]\d*\s/);
    client.socket.terminate();
    await expect.poll(() => page.locator("#sessions").innerText()).toMatch(/nobody/);
  });

  it("shows orders that rest, and the tokens that requests took", async () => {
    const { order_id } = (await member.bid(TICKER, { price: "0.0200", count: "3.50" })).body;
    await expect.poll(() => page.locator("#orders").innerText()).toMatch(/SANDBOX-LIVE-T50\s+bid\s+0\.0200\s+3\.5/);
    await member.call("DELETE", `/portfolio/events/orders/${order_id}`);
    await expect.poll(() => page.locator("#orders").innerText()).toMatch(/no orders rest/);
    await expect.poll(() => page.locator("#accounts").innerText()).toMatch(/write[\s\S]*of 28,800/);
  });

  it("adds a fault, switches it off and on, and shows it strike", async () => {
    await page.locator("#rule").fill('{"path": "/portfolio/balance", "fault": "status", "status": 502, "off": true}');
    await page.getByRole("button", { name: "add rule" }).click();
    const flip = page.getByRole("switch", { name: "rule 0" });
    await expect.poll(() => flip.getAttribute("aria-checked")).toBe("false");
    expect((await member.call("GET", "/portfolio/balance")).status).toBe(200);
    await flip.click();
    await expect.poll(() => flip.getAttribute("aria-checked")).toBe("true");
    expect((await member.call("GET", "/portfolio/balance")).status).toBe(502);
    await expect.poll(() => page.locator("#log").innerText()).toMatch(/status \(0\)\s+GET \/portfolio\/balance/);
    await expect.poll(() => page.locator("#rules").innerText()).toMatch(/1 of 1/);
    await page.getByRole("button", { name: "remove all" }).click();
    await expect.poll(() => page.locator("#rules").innerText()).toMatch(/Nothing goes wrong/);
    expect((await member.call("GET", "/portfolio/balance")).status).toBe(200);
  });

  it("leaves the focus where it is while it looks again and again, and a switch that has it works by the keyboard", async () => {
    for (const path of ["/one", "/two"]) await member.control("POST", "/faults/rules", { path, fault: "html" });
    const flip = page.getByRole("switch", { name: "rule 1" });
    await flip.focus();
    await page.evaluate("window.held = document.activeElement");
    await looksAgain(3);
    expect(await page.evaluate("held === document.activeElement && held.isConnected")).toBe(true);
    await page.keyboard.press("Space");
    await expect.poll(() => flip.getAttribute("aria-checked")).toBe("false");
    // What stands before it goes away; it stays.
    await member.control("DELETE", "/faults/rules/0");
    await expect.poll(() => page.locator("#rules li").count()).toBe(1);
    expect(await page.evaluate("held === document.activeElement")).toBe(true);
    const market = page.getByRole("button", { name: TICKER });
    await market.focus();
    await page.evaluate("window.held = document.activeElement");
    await looksAgain(2);
    expect(await page.evaluate("held === document.activeElement")).toBe(true);
    await member.control("DELETE", "/faults");
  });

  it("counts the live markets whatever the filter leaves of them, and says what it leaves", async () => {
    const { body } = await member.control("GET", "/overview?filter=sandbox-live");
    expect(body.markets_live).toBeGreaterThan(body.markets_found);
    expect(body.markets_found).toBe(body.markets.length);
    await page.locator("#filter").fill("sandbox-live");
    await expect
      .poll(() => page.locator("#found").innerText())
      .toMatch(new RegExp(`^${body.markets_found} of [\\d,]+ live$`));
    await expect.poll(() => page.locator("#figures").innerText()).toMatch(/live markets\s+[\d,]{3,} of [\d,]+/);
  });

  it("shows a member's subaccounts under one name with one pair of tokens, and money to the cent at least", async () => {
    await member.call("POST", "/portfolio/subaccounts", {});
    await expect.poll(() => page.locator("#accounts").innerText()).toMatch(/subaccount 0[\s\S]*subaccount 1\s+\$0\.00/);
    const own = page.locator("#accounts .account").first();
    expect((await own.innerText()).match(/write/g)).toHaveLength(1);
    const amounts = (await own.innerText()).match(/\$[\d,.]+/g) ?? [];
    expect(amounts).toHaveLength(2);
    for (const amount of amounts) expect(amount).toMatch(/^\$[\d,]+\.\d{2,4}$/);
    expect(await own.innerText()).not.toMatch(/\b1 (positions|fills)/);
  });

  it("shows titles without their asterisks", async () => {
    const marked = [...sandbox.world.markets.values()].find(
      ({ live, ticker, wire, settledTime }) =>
        live &&
        sandbox.engine.book(ticker) !== null &&
        settledTime > sandbox.engine.now() &&
        `${wire.title}`.includes("**"),
    );
    expect(marked).toBeDefined();
    await page.locator("#filter").fill(marked!.ticker);
    await page.getByRole("button", { name: marked!.ticker, exact: true }).click();
    await expect.poll(() => page.locator("#book-ticker").innerText()).toBe(marked!.ticker);
    expect(await page.locator("#book-about").innerText()).toContain(`${marked!.wire.title}`.replaceAll("**", ""));
    await page.locator("#filter").fill("");
  });

  it("says what is wrong with a rule that is refused", async () => {
    const known = troubles.length;
    await page.locator("#rule").fill('{"path": "*", "fault": "fire"}');
    await page.getByRole("button", { name: "add rule" }).click();
    await expect.poll(() => page.locator("#refused").innerText()).toMatch(/the rule\.fault is "fire".*disconnect/);
    // The browser reports the 400 that was asked for.
    troubles.splice(known);
  });

  it("takes what it is told for text, never for markup", async () => {
    const evil = `<img src=x onerror="document.title='struck'">`;
    await member.control("POST", "/faults/rules", { path: `/${evil}`, fault: "html" });
    await expect.poll(() => page.locator("#rules").innerText()).toContain(evil);
    await fetch(`${sandbox.ready.rest_url}/markets/${encodeURIComponent(evil)}`);
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).toBe("Sandbox");
    await member.control("DELETE", "/faults");
  });

  /** Tables that are wider than the place they have. */
  const cutOff = () =>
    page.evaluate<string[]>(
      "[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)",
    );

  it.each([1280, 420])("fits a window %i pixels wide, light and dark", async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await expect.poll(() => page.locator("#sessions").innerText()).toBe("nobody is connected");
    expect(await cutOff()).toEqual([]);
    const client = await member.connect();
    const channels = ["orderbook_delta", "ticker", "trade", "market_lifecycle_v2"];
    client.send({ id: 1, cmd: "subscribe", params: { channels, market_ticker: TICKER } });
    await member.bid(TICKER);
    await expect.poll(() => page.locator("#sessions").innerText()).toMatch(/market_lifecycle_v2/);
    await expect.poll(() => page.locator("#orders").innerText()).toMatch(/SANDBOX-LIVE/);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const widest = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(widest).toBeLessThanOrEqual(width);
      expect(await cutOff()).toEqual([]);
      await keepPicture(page, `control page at ${width}, ${colorScheme}`);
    }
    client.socket.terminate();
  });

  it("fetches nothing from elsewhere and reports no errors", async () => {
    expect(troubles).toEqual([]);
    const { headers } = await fetch(sandbox.ready.control_url);
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'.*connect-src 'self'/);
    expect(await (await fetch(sandbox.ready.control_url)).text()).not.toMatch(
      /https?:\/\/(?!www\.w3\.org)|PRIVATE KEY/,
    );
  });
});
