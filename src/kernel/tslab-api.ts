import { randomUUID } from "node:crypto";
import { notebook } from "./display.js";

type Content = string | Uint8Array;

/** tslab's `display`: one MIME type per call, all calls of one `newDisplay()` in the same place. */
class Display {
  readonly #displayId: string | undefined;
  #shown = false;

  constructor(displayId?: string) {
    this.#displayId = displayId;
  }

  raw(type: string, content: unknown): void {
    const data = content instanceof Uint8Array ? Buffer.from(content).toString("base64") : content;
    if (this.#shown && this.#displayId !== undefined) notebook()?.update(this.#displayId, { [type]: data });
    else notebook()?.display({ [type]: data }, this.#displayId === undefined ? {} : { displayId: this.#displayId });
    this.#shown = true;
  }

  text = (content: string) => this.raw("text/plain", content);
  html = (content: string) => this.raw("text/html", content);
  markdown = (content: string) => this.raw("text/markdown", content);
  latex = (content: string) => this.raw("text/latex", content);
  javascript = (content: string) => this.raw("text/javascript", content);
  svg = (content: string) => this.raw("image/svg+xml", content);
  png = (content: Content) => this.raw("image/png", content);
  jpeg = (content: Content) => this.raw("image/jpeg", content);
  gif = (content: Content) => this.raw("image/gif", content);
  pdf = (content: Content) => this.raw("application/pdf", content);
}

/** What `import … from "tslab"` gives in a cell, so that notebooks written for stock tslab run here. */
export const tslabApi: Record<string, unknown> = {
  __esModule: true,
  display: new Display(),
  newDisplay: () => new Display(randomUUID()),
  versions: { tslab: "1.0.22", node: process.version },
};
