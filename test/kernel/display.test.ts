import { table } from "arquero";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  displaySymbol,
  type NotebookHook,
  notebook,
  notebookSymbol,
  show,
  toBundle,
} from "../../src/kernel/display.js";

const own = (bundle: object | Promise<object>) => ({ [displaySymbol]: () => bundle });

describe("toBundle", () => {
  it("asks a value how it shows itself, before anything else is tried", async () => {
    expect(await toBundle(own({ "text/plain": "mine" }))).toEqual({ "text/plain": "mine" });
    expect(await toBundle(own(Promise.resolve({ "text/html": "<b>" })))).toEqual({ "text/html": "<b>" });
    // biome-ignore lint/suspicious/noThenProperty: a query of the library is such a value, lazy until awaited
    const both = { ...own({ "text/plain": "query" }), then: () => expect.unreachable("must not be awaited") };
    expect(await toBundle(both)).toEqual({ "text/plain": "query" });
  });

  it("fails as the value's own display fails", async () => {
    await expect(toBundle(own(Promise.reject(new Error("empty chart"))))).rejects.toThrow("empty chart");
  });

  it("awaits promises, in promises", async () => {
    expect(await toBundle(Promise.resolve(own({ "text/plain": "x" })))).toEqual({ "text/plain": "x" });
  });

  it("shows tables as HTML, everything else as text without colours", async () => {
    expect(await toBundle(table({ a: [1] }))).toHaveProperty(["text/html"]);
    expect(await toBundle({ a: [1, "x"] })).toEqual({ "text/plain": "{ a: [ 1, 'x' ] }" });
    expect(await toBundle(own("not a bundle" as never))).toHaveProperty(["text/plain"]);
  });

  it("is null for what prints nothing", async () => {
    expect(await toBundle(undefined)).toBeNull();
    expect(await toBundle(null)).toBeNull();
    expect(await toBundle(Promise.resolve(null))).toBeNull();
    expect(await toBundle(0)).toEqual({ "text/plain": "0" });
  });
});

describe("show", () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, notebookSymbol);
    vi.restoreAllMocks();
  });

  it("displays in the notebook there is, and keeps the cell open until it is done", async () => {
    const hook = {
      display: vi.fn(),
      update: vi.fn(),
      clear: vi.fn(),
      hold: vi.fn(),
      input: vi.fn(),
      signal: new AbortController().signal,
    } satisfies NotebookHook;
    Reflect.set(globalThis, notebookSymbol, hook);
    const showing = show(Promise.resolve(5), { displayId: "five" });
    expect(hook.hold).toHaveBeenCalledOnce();
    await showing;
    expect(hook.display).toHaveBeenCalledWith({ "text/plain": "5" }, { displayId: "five" });
  });

  it("prints the text where there is no notebook", async () => {
    expect(notebook()).toBeNull();
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    await show(own({ "image/png": "AQID", "text/plain": "[chart]" }));
    expect(write).toHaveBeenCalledExactlyOnceWith("[chart]\n");
  });
});
