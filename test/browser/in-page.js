// Runs in the page under test, which looks at itself.

/** Every picture or canvas that the selector finds: how large it is, how much of it is drawn, and in how many colours. */
globalThis.lookAtCharts = (selector) => Promise.all([...document.querySelectorAll(selector)].map(lookAt));

async function lookAt(picture) {
  await picture.decode?.();
  const { naturalWidth: width = picture.width, naturalHeight: height = picture.height, alt: title = "" } = picture;
  return { title, width, height, shownWidth: picture.getBoundingClientRect().width, ...inkOf(picture, width, height) };
}

/** Samples every second pixel of every second row. */
function inkOf(picture, width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const colours = new Set();
  let [samples, inked, coloured] = [0, 0, 0];
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const [red, green, blue] = data.subarray((y * width + x) * 4);
      const [darkest, lightest] = [Math.min(red, green, blue), Math.max(red, green, blue)];
      samples += 1;
      if (darkest < 200) inked += 1;
      // What is grey is text, grid or axis.
      if (lightest - darkest < 60) continue;
      coloured += 1;
      colours.add(((red >> 5) << 6) | ((green >> 5) << 3) | (blue >> 5));
    }
  }
  return { inked: inked / samples, coloured: coloured / samples, colours: colours.size };
}
