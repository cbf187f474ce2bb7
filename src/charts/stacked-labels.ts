/** A vertical line with a label to the right of its upper end. */
export interface Line {
  /** What the label says, and the pixels that it takes. */
  readonly name: string;
  readonly width: number;
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

/**
 * Lines from left to right, each label on the first row where no line and no label runs into it: a line begins below the labels of all lines
 * to its left that reach as far.
 */
export function levelled(lines: readonly Line[]): Label[] {
  const labels: Label[] = [];
  for (const line of [...lines].sort((a, b) => a.pixel - b.pixel)) {
    const reaching = labels.filter(({ pixel, width }) => pixel + width > line.pixel);
    labels.push({ ...line, level: Math.max(-1, ...reaching.map(({ level }) => level)) + 1 });
  }
  return labels;
}
