import { MILLISECOND, type Timestamp } from "../../../units/time.js";
import { Random } from "../../world/random.js";

/** The finest step of a bridge; between two steps it goes straight. */
const FINEST = 25 * MILLISECOND;
const MOST_OCTAVES = 22;

/** A value that wanders over time: a function of its name and the moment alone, whenever and however often it is asked. */
export type Wander = (time: Timestamp) => number;

interface Octave {
  index: number;
  height: number;
}

/**
 * A Brownian bridge over [from, until]: 0 at both ends and outside, with variance τ (1 − τ) at the share τ of the way.
 *
 * Lévy's construction: a sum of tents, each half as wide as those of the octave above. Heights are drawn from streams named by their place.
 */
export function bridge(name: string, from: Timestamp, until: Timestamp): Wander {
  const span = until - from;
  const count = Math.max(1, Math.min(MOST_OCTAVES, Math.ceil(Math.log2(span / FINEST))));
  const octaves: Octave[] = Array.from({ length: count }, () => ({ index: -1, height: 0 }));
  return (time) => {
    const way = (time - from) / span;
    if (way <= 0 || way >= 1) return 0;
    let value = 0;
    let tents = 1;
    let scale = 0.5;
    for (let n = 0; n < count; n += 1) {
      const octave = octaves[n]!;
      const place = way * tents;
      const index = Math.floor(place);
      if (octave.index !== index) {
        octave.index = index;
        octave.height = new Random(`${name}/${n}/${index}`).normal();
      }
      const within = place - index;
      value += scale * octave.height * (1 - Math.abs(2 * within - 1));
      tents *= 2;
      scale *= Math.SQRT1_2;
    }
    return value;
  };
}

/** A value of variance about 1 that is forgotten within `memory`: bumps of that width, each of a random height. */
export function sway(name: string, memory: Timestamp): Wander {
  const heights = [
    { index: -1, height: 0 },
    { index: -1, height: 0 },
  ];
  const heightAt = (index: number): number => {
    const slot = heights[index & 1]!;
    if (slot.index !== index) {
      slot.index = index;
      slot.height = new Random(`${name}/${index}`).normal();
    }
    return slot.height;
  };
  return (time) => {
    const place = time / memory;
    const index = Math.floor(place);
    const within = place - index;
    const part = Math.cos((Math.PI / 2) * within);
    return part * heightAt(index) + Math.sqrt(1 - part * part) * heightAt(index + 1);
  };
}
