// Draws the specs of a page live, in the reader's scheme, over the pictures that it was saved with, which are shown without it.
// A picture of pixels that is in the right scheme stays until somebody points at it: a page of many opens at once.
(() => {
  const { vega, vegaLite } = globalThis;
  const twins = JSON.parse(document.getElementById("twins").textContent);
  const isDark = matchMedia("(prefers-color-scheme: dark)");
  const tip = document.getElementById("tip");
  let chosen = null;
  const figures = [...document.querySelectorAll("figure[data-scheme]")];
  const views = new Map();
  const button = document.getElementById("scheme");

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

  /** Draws a figure; one that cannot be drawn keeps what it shows. */
  async function drawOne(figure, wanted) {
    const picture = figure.querySelector(".picture");
    const before = [...picture.childNodes];
    const { naturalWidth, naturalHeight } = before.at(-1);
    // In the room of its picture, so that nothing moves under the pointer.
    if (naturalWidth) {
      picture.style.maxWidth = `${naturalWidth}px`;
      picture.style.aspectRatio = `${naturalWidth} / ${naturalHeight}`;
    }
    try {
      const { spec } = vegaLite.compile(specOf(figure, wanted));
      const view = new vega.View(vega.parse(spec), {
        renderer: "svg",
        container: picture,
        hover: true,
        tooltip: showTip,
      });
      views.get(figure)?.finalize();
      views.set(figure, view);
      await view.runAsync();
    } catch (error) {
      picture.replaceChildren(...before);
      console.warn(error);
    }
  }

  const stays = (figure, wanted) =>
    !views.has(figure) && figure.dataset.scheme === wanted && figure.querySelector(".picture > img") !== null;

  async function draw() {
    const wanted = scheme();
    document.documentElement.dataset.scheme = wanted;
    if (button !== null) button.textContent = wanted === "dark" ? "light" : "dark";
    for (const figure of figures) if (!stays(figure, wanted)) await drawOne(figure, wanted);
    document.documentElement.dataset.drawn = wanted;
  }

  for (const figure of figures) {
    figure.addEventListener("pointerenter", () => {
      if (!views.has(figure)) drawOne(figure, scheme());
    });
  }
  button?.addEventListener("click", () => {
    chosen = scheme() === "dark" ? "light" : "dark";
    draw();
  });
  isDark.addEventListener("change", draw);
  draw();
})();
