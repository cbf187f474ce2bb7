// Draws the specs of the page anew, live, in the reader's scheme. Without it the page shows the pictures that it was saved with.
(() => {
  const { vega, vegaLite } = globalThis;
  const twins = JSON.parse(document.getElementById("twins").textContent);
  const isDark = matchMedia("(prefers-color-scheme: dark)");
  const tip = document.getElementById("tip");
  let chosen = null;
  let views = [];

  const scheme = () => chosen ?? (isDark.matches ? "dark" : "light");

  /** The spec of a figure in a scheme: what `inScheme` of the library does. */
  function specOf(figure, wanted) {
    const pairs =
      wanted === "dark" ? Object.entries(twins) : Object.entries(twins).map(([light, dark]) => [dark, light]);
    const twin = new Map(pairs);
    const text = figure.querySelector("script").textContent;
    const is = figure.dataset.scheme;
    return JSON.parse(
      is === wanted
        ? text
        : text.replace(/"(#[0-9A-F]{6})"/g, (all, hex) => (twin.has(hex) ? `"${twin.get(hex)}"` : all)),
    );
  }

  function showTip(_handler, event, _item, value) {
    tip.hidden = value === null || value === undefined || value === "";
    if (tip.hidden) return;
    const rows = Object.entries(typeof value === "object" ? value : { "": value }).map(([name, text]) => {
      const row = document.createElement("tr");
      for (const cell of [name, text]) row.append(Object.assign(document.createElement("td"), { textContent: cell }));
      return row;
    });
    const table = document.createElement("table");
    table.append(...rows);
    tip.replaceChildren(table);
    const { offsetWidth: width, offsetHeight: height } = tip;
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 4))}px`;
    tip.style.top = `${event.clientY + 14 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 14}px`;
  }

  async function draw() {
    const wanted = scheme();
    for (const view of views) view.finalize();
    views = [];
    document.documentElement.dataset.scheme = wanted;
    document.getElementById("scheme").textContent = wanted === "dark" ? "light" : "dark";
    for (const figure of document.querySelectorAll("figure")) {
      const { spec } = vegaLite.compile(specOf(figure, wanted));
      const container = figure.querySelector(".picture");
      const view = new vega.View(vega.parse(spec), { renderer: "svg", container, hover: true, tooltip: showTip });
      views.push(view);
      await view.runAsync();
    }
    document.documentElement.dataset.drawn = wanted;
  }

  document.getElementById("scheme").addEventListener("click", () => {
    chosen = scheme() === "dark" ? "light" : "dark";
    draw();
  });
  isDark.addEventListener("change", draw);
  draw();
})();
