import { describe, expect, it } from "vitest";
import { inScheme, type Scheme, twins } from "../../src/charts/scheme.js";
import { colours, palette } from "../../src/charts/theme.js";

type Triple = readonly [number, number, number];

/** How people see who lack one kind of cone: matrices on linear light of Machado, Oliveira and Fernandes (2009), severity 1. */
const visions: Readonly<Record<string, readonly Triple[]>> = {
  every: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(hex: string): Triple {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [r!, g!, b!];
}

function times(matrix: readonly Triple[], [x, y, z]: Triple): Triple {
  const [a, b, c] = matrix.map((row) => row[0] * x + row[1] * y + row[2] * z);
  return [a!, b!, c!];
}

/** Oklab, in which distances are about as one sees them; 100 from black to white. */
function oklab(light: Triple): Triple {
  const clipped = light.map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    clipped,
  ).map(Math.cbrt) as unknown as Triple;
  return times(
    [
      [21.04542553, 79.3617785, -0.40720468],
      [197.79984951, -242.8592205, 45.05937099],
      [2.59040371, 78.27717662, -80.8675766],
    ],
    cones,
  );
}

function distance(a: string, b: string, vision: readonly Triple[]): number {
  const [one, other] = [a, b].map((hex) => oklab(times(vision, linear(hex))));
  return Math.hypot(...one!.map((value, at) => value - other![at]!));
}

function contrast(a: string, b: string): number {
  const [dark, light] = [a, b]
    .map((hex) => {
      const [red, green, blue] = linear(hex);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    })
    .sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

const of = (scheme: Scheme) => (hex: string) => (scheme === "dark" ? twins[hex]! : hex);

describe.each(["light", "dark"] as const)("the %s colours", (scheme) => {
  const lines = palette.map(of(scheme));
  const ground = of(scheme)(colours.ground);

  it.each(Object.entries(visions))("of eight lines are told apart with %s", (_name, vision) => {
    const pairs = lines.flatMap((a, at) => lines.slice(at + 1).map((b) => [a, b, distance(a, b, vision)] as const));
    expect(pairs.filter(([, , apart]) => apart < 7)).toEqual([]);
  });

  it("of lines and text stand out from the ground", () => {
    for (const line of lines) expect(contrast(line, ground), line).toBeGreaterThan(2);
    for (const name of ["text", "quiet"] as const)
      expect(contrast(of(scheme)(colours[name]), ground)).toBeGreaterThan(4.5);
    for (const name of ["bid", "ask", "gain", "loss"] as const)
      expect(contrast(of(scheme)(colours[name]), ground), name).toBeGreaterThan(3);
  });
});

describe("inScheme", () => {
  it("knows a twin of every colour of the theme, each twin once", () => {
    for (const hex of [...palette, ...Object.values(colours)]) expect(Object.keys(twins)).toContain(hex);
    expect(new Set(Object.values(twins)).size).toBe(Object.keys(twins).length);
  });

  it("swaps colours alone, not text that holds one", () => {
    const spec = { title: "about #0072B2", mark: { color: "#0072B2", fill: "#ABCDEF" } };
    expect(inScheme(spec, "dark")).toEqual({
      title: "about #0072B2",
      mark: { color: twins["#0072B2"], fill: "#ABCDEF" },
    });
  });

  it("refuses another name", () => {
    expect(() => inScheme({}, "sepia" as Scheme)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
});
