import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { renderNotebook } from "../../src/cli/notebook-html.js";

const folder = mkdtempSync(join(tmpdir(), "notebook-html-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("an executed notebook as HTML", () => {
  it("has the spec of a chart beside its picture, for a page to draw, with nothing in it that a page could take for its own", async () => {
    const spec = { mark: "point", data: { values: [{ x: "</script><script>alert(1)</script>" }] } };
    const html = await htmlOf(spec);
    const [, json] = /<script type="application\/vnd\.vegalite\.v5\+json">(.*)<\/script>\n<\/figure>/.exec(html)!;
    expect(JSON.parse(json!)).toEqual(spec);
    expect(html.split("</script>")).toHaveLength(2);
    expect(html).toContain('src="data:image/png;base64,iVBORw0KGgo="');
  });

  it("leaves a chart that would have to fetch its data the picture that it is", async () => {
    const html = await htmlOf({ mark: "point", data: { url: "https://example.com/rows.json" } });
    expect(html).toContain('<figure class="chart"><img');
    expect(html).not.toMatch(/<script|example\.com/);
  });
});

async function htmlOf(spec: object): Promise<string> {
  const data = { "application/vnd.vegalite.v5+json": spec, "image/png": "iVBORw0KGgo=", "text/plain": "[chart]" };
  const cell = {
    cell_type: "code",
    id: "one",
    metadata: {},
    source: "",
    execution_count: 1,
    outputs: [{ output_type: "display_data", data, metadata: {} }],
  };
  const file = join(folder, "one.ipynb");
  writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }));
  return (await renderNotebook(file)).html;
}
