/** A vertical line with a label to the right of its upper end. */
export interface Line {
  readonly name: string;
  readonly value: number;
  readonly dashed: boolean;
  /** Where it stands, in the axis' own unit and in pixels. */
  readonly at: number;
  readonly pixel: number;
}

export interface Label extends Line {
  /** Rows down from the top. */
  readonly level: number;
}

/** Lines from left to right, each label on the first row where it does not run into one before, at most `width` pixels wide. */
export function levelled(lines: readonly Line[], width: number): Label[] {
  const ends: number[] = [];
  return [...lines]
    .sort((a, b) => a.pixel - b.pixel)
    .map((line) => {
      const free = ends.findIndex((end) => end <= line.pixel);
      const level = free < 0 ? ends.length : free;
      ends[level] = line.pixel + width;
      return { ...line, level };
    });
}
