/**
 * The rising values nearest to the given ones, by weighted least squares: neighbours that fall are replaced by their mean until none do (pool
 * adjacent violators).
 *
 * @see Ayer et al., Ann. Math. Stat. 26 (1955) 641
 */
export function monotone(values: readonly number[], weights: readonly number[]): number[] {
  const pools: { mean: number; weight: number; size: number }[] = [];
  for (const [at, value] of values.entries()) {
    pools.push({ mean: value, weight: weights[at]!, size: 1 });
    while (pools.length > 1 && pools.at(-2)!.mean > pools.at(-1)!.mean) {
      const [last, before] = [pools.pop()!, pools.pop()!];
      const weight = before.weight + last.weight;
      const mean = (before.mean * before.weight + last.mean * last.weight) / weight;
      pools.push({ mean, weight, size: before.size + last.size });
    }
  }
  return pools.flatMap(({ mean, size }) => new Array<number>(size).fill(mean));
}
