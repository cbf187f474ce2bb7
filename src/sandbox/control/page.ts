import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { packagePath } from "../../store/package.js";

export interface ControlPage {
  readonly html: string;
  /** Lets nothing run but what the page brings, and nothing be asked but this port. */
  readonly policy: string;
}

/** The control page in one piece: structure, styles and script from `assets/control`. */
export async function readControlPage(): Promise<ControlPage> {
  const [html, style, script] = await Promise.all(
    ["page.html", "page.css", "page.js"].map((name) => readFile(packagePath(`assets/control/${name}`), "utf8")),
  );
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style!)}'`,
    `script-src '${hashOf(script!)}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const whole = html!
    .replace("<style></style>", () => `<style>${style}</style>`)
    .replace("<script></script>", () => `<script>${script}</script>`);
  return { html: whole, policy };
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
