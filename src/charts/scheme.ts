import { KalshiError } from "../errors.js";
import type { Spec } from "./spec.js";

/** Whether a chart stands on a light ground or a dark one. */
export type Scheme = "light" | "dark";

/**
 * Every colour of the charts on white, with its twin on near-black. Lines and marks are Okabe and Ito's colours and a grey, told apart with any
 * colour vision; those on dark are chosen to be as far apart there.
 */
export const twins: Readonly<Record<string, string>> = {
  // Ground, text, axes, grid.
  "#FFFFFF": "#14181F",
  "#1F2933": "#E8ECF1",
  "#5B6770": "#A6B0BB",
  "#B4BCC4": "#525C68",
  "#E6E9EC": "#2A313A",
  "#9AA5B1": "#6F7B88",
  // Okabe and Ito.
  "#0072B2": "#2F7EE2",
  "#D55E00": "#D06019",
  "#009E73": "#11C583",
  "#CC79A7": "#C39BF3",
  "#E69F00": "#FFD84F",
  "#56B4E9": "#ADD6D9",
  "#000000": "#FAFBFC",
  "#62666B": "#957B88",
  // Ends of the ramps of contracts, least and most.
  "#D6E8F5": "#16324A",
  "#08427A": "#8AD0FF",
  "#FBE3D0": "#47250D",
  "#8A2F00": "#FFB27A",
  // Where nothing is known.
  "#ECEEF0": "#232A33",
};

const onDark = new Map(Object.entries(twins));
const onLight = new Map(Object.entries(twins).map(([light, dark]) => [dark, light]));

/**
 * A spec in the other colours: every colour of this library's charts is replaced by its twin; other colours, and the data, stay. A spec
 * that is so already stays as it is.
 *
 * @throws KalshiError `BAD_ARGUMENT`
 */
export function inScheme(spec: Spec, scheme: Scheme): Spec {
  if (scheme !== "light" && scheme !== "dark") {
    throw new KalshiError("BAD_ARGUMENT", `no colour scheme is called ${JSON.stringify(scheme)}`, {
      hint: 'give "light" or "dark"',
      context: { scheme },
    });
  }
  if (schemeOf(spec) === scheme) return spec;
  const twin = scheme === "dark" ? onDark : onLight;
  // A colour is a whole string of the JSON; letters within names, titles and data are never one.
  const swap = (text: string): string => text.replace(/"(#[0-9A-F]{6})"/g, (all, hex) => json(twin.get(hex)) ?? all);
  return JSON.parse(swap(JSON.stringify(spec))) as Spec;
}

/** What a spec was drawn for, by its ground; light for one that names none of ours. */
export function schemeOf(spec: Spec): Scheme {
  const config = spec.config as Spec | undefined;
  return config?.background === twins["#FFFFFF"] ? "dark" : "light";
}

function json(text: string | undefined): string | undefined {
  return text === undefined ? undefined : JSON.stringify(text);
}
