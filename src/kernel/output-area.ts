import type { CellError, MimeBundle, Output } from "./messages.js";
import { type NotebookOutput, sourceText } from "./nbformat.js";

/** Collects the outputs of cells as a front end would: streams merged, updates applied wherever the display stands. */
export class OutputArea {
  readonly outputs: NotebookOutput[] = [];
  readonly #displays: Map<string, NotebookOutput[]>;
  #clearNext = false;

  /** The displays are shared by all cells of a notebook, since one cell can update what another displayed. */
  constructor(displays: Map<string, NotebookOutput[]>) {
    this.#displays = displays;
  }

  add(output: Output): void {
    if (output.type === "clear") {
      if (output.wait) this.#clearNext = true;
      else this.outputs.length = 0;
    } else if (output.type === "update") {
      for (const shown of this.#displays.get(output.displayId) ?? []) Object.assign(shown, { data: output.data });
    } else if (output.type === "stream") {
      this.#stream(output.name, output.text);
    } else {
      const shown: NotebookOutput = { output_type: "display_data", data: output.data, metadata: {} };
      this.#push(shown);
      if (output.displayId !== null) {
        this.#displays.set(output.displayId, [...(this.#displays.get(output.displayId) ?? []), shown]);
      }
    }
  }

  result(data: MimeBundle, execution_count: number): void {
    this.#push({ output_type: "execute_result", data, metadata: {}, execution_count });
  }

  error({ ename, evalue, traceback }: CellError): void {
    this.#push({ output_type: "error", ename, evalue, traceback: [...traceback] });
  }

  #stream(name: "stdout" | "stderr", text: string): void {
    const last = this.#clearNext ? undefined : this.outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text = `${sourceText(last.text)}${text}`;
    else this.#push({ output_type: "stream", name, text });
  }

  #push(output: NotebookOutput): void {
    if (this.#clearNext) this.outputs.length = 0;
    this.#clearNext = false;
    this.outputs.push(output);
  }
}
