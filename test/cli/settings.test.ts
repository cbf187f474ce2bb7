import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSettings, userFile } from "../../src/cli/settings.js";
import { expectFailure, startCli } from "../support/cli.js";
import { expectError } from "../support/errors.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kalshi-lab-settings-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const user = () => ({ XDG_CONFIG_HOME: join(root, "config") });

describe("settings", () => {
  it("count in this order: variables, `.env`, the folder's file, the user's file", () => {
    write(".env", 'KALSHI_KEY_X=1\nKALSHI_ENV=demo\nKALSHI_API_KEY_ID="from .env"\nOTHER=not ours\n');
    write("kalshi-lab.json", JSON.stringify({ env: "production", keyId: "from the folder", library: "here" }));
    write("config/kalshi-lab/config.json", JSON.stringify({ library: "of the user", tokenShare: 0.5 }));
    const variables: Record<string, string | undefined> = { ...user(), KALSHI_ENV: "sandbox" };
    const sources = loadSettings(root, variables);
    expect(variables).toEqual({
      ...user(),
      KALSHI_ENV: "sandbox",
      KALSHI_KEY_X: "1",
      KALSHI_API_KEY_ID: "from .env",
      KALSHI_LIBRARY_DIR: "here",
      KALSHI_TOKEN_SHARE: "0.5",
    });
    expect(sources.map(({ names }) => [...names].sort())).toEqual([
      ["KALSHI_API_KEY_ID", "KALSHI_KEY_X"],
      ["KALSHI_LIBRARY_DIR"],
      ["KALSHI_TOKEN_SHARE"],
    ]);
  });

  it("leave everything as it is where there are no files, and a variable that is set to nothing set to nothing", () => {
    const variables = { ...user(), KALSHI_ENV: "" };
    expect(loadSettings(root, variables)).toEqual([]);
    write(".env", "KALSHI_ENV=production\n");
    loadSettings(root, variables);
    expect(variables.KALSHI_ENV).toBe("");
  });

  it.each([
    [".env", "KALSHI_REST_URL=https://elsewhere.example/v2\n"],
    [".env", "KALSHI_WS_URL=wss://kalshi.com.elsewhere.example/ws\n"],
    ["kalshi-lab.json", JSON.stringify({ restUrl: "https://notkalshi.com/v2" })],
  ])("of %s do not lead a key from elsewhere to a host that is not the exchange's", (name, text) => {
    const path = write(name, text);
    const mine = { ...user(), KALSHI_API_KEY_ID: "mine" };
    expect(expectError(() => loadSettings(root, { ...mine }), "BAD_ARGUMENT", /by hand/).message).toContain(path);
    // By hand, with a key of its own, or without any, it is no matter.
    loadSettings(root, { ...mine, KALSHI_REST_URL: "https://chosen.example", KALSHI_WS_URL: "wss://chosen.example" });
    loadSettings(root, user());
    write(
      "kalshi-lab.json",
      JSON.stringify({ ...(name === ".env" ? {} : (JSON.parse(text) as object)), keyId: "its" }),
    );
    loadSettings(root, user());
  });

  it.each(["http://127.0.0.1:8080/v2", "http://localhost:1/v2", "https://external-api.demo.kalshi.co/v2"])(
    "of the folder may name %s whoever's the key is",
    (url) => {
      write(".env", `KALSHI_REST_URL=${url}\n`);
      const variables: Record<string, string | undefined> = { ...user(), KALSHI_API_KEY_ID: "mine" };
      loadSettings(root, variables);
      expect(variables.KALSHI_REST_URL).toBe(url);
    },
  );

  it("take a private key with its line breaks from `.env`", () => {
    write(".env", 'KALSHI_PRIVATE_KEY="-----BEGIN X-----\nabc\n-----END X-----"\n');
    const variables: Record<string, string | undefined> = user();
    loadSettings(root, variables);
    expect(variables.KALSHI_PRIVATE_KEY).toBe("-----BEGIN X-----\nabc\n-----END X-----");
  });

  it("that cannot be meant are refused by name, and what stands there is never told", () => {
    const secret = "-----BEGIN PRIVATE KEY-----SECRET";
    const wrong: readonly (readonly [text: string, code: "BAD_ARGUMENT" | "FILE_UNREADABLE"])[] = [
      [`{"privateKey": "${secret}"}`, "BAD_ARGUMENT"],
      [`{"keyId": {"deep": "${secret}"}}`, "BAD_ARGUMENT"],
      [`${secret}`, "FILE_UNREADABLE"],
      [`["${secret}"]`, "BAD_ARGUMENT"],
    ];
    for (const [text, code] of wrong) {
      const path = write("kalshi-lab.json", text);
      const error = expectError(() => loadSettings(root, user()), code, /./);
      expect(error.message).toContain(path);
      expect(JSON.stringify([error, String(error), error.stack, error.cause])).not.toContain("SECRET");
    }
  });

  it("of the user stand in the place for configurations", () => {
    expect(userFile({ XDG_CONFIG_HOME: "/c", HOME: "/h" })).toBe(join("/c", "kalshi-lab", "config.json"));
    expect(userFile({ HOME: "/h" })).toBe(join("/h", ".config", "kalshi-lab", "config.json"));
  });
});

describe("a command", () => {
  it("takes its settings from the working folder's files, and a flag counts more", async () => {
    const library = join(root, "datasets");
    write(".env", `KALSHI_LIBRARY_DIR=${library}\n`);
    const inFolder = (...args: string[]) => startCli(args, user(), { cwd: root }).ended;
    await expectFailure(inFolder("compact"), "FILE_NOT_FOUND", { found: new RegExp(`in ${library}$`) });
    const other = join(root, "other");
    await expectFailure(inFolder("compact", "--library", other), "FILE_NOT_FOUND", {
      found: new RegExp(`in ${other}$`),
    });
    write("kalshi-lab.json", "{");
    await expectFailure(inFolder("compact"), "FILE_UNREADABLE", { found: /kalshi-lab\.json/ });
    expect((await inFolder("compact", "--help")).code).toBe(0);
  }, 60_000);
});
