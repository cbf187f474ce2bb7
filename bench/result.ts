/** One figure of `npm run bench`: a ratio measured within one run on one machine. */
export interface BenchResult {
  readonly name: string;
  /** Ours divided by the yardstick; smaller is better. */
  readonly ratio: number;
  readonly unit: string;
  readonly details: Readonly<Record<string, number | string>>;
}
