/** One figure as Prometheus takes it out of a text. */
export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadMetric {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ReadSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Reads the text format 0.0.4 as strictly as it is specified: every line ends with a line feed; each metric has its HELP, then its TYPE, then
 * its samples and is not come back to; names, labels and escapes are as allowed; no sample is there twice; counters do not fall below zero.
 * Throws where something is wrong. Written from the specification, apart from what writes the text.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function readPrometheus(text: string): ReadonlyMap<string, ReadMetric> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line does not end");
  const metrics = new Map<string, { help: string; type: string; samples: ReadSample[] }>();
  let current = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const help = /^# HELP (\S+) (.*)$/.exec(line);
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (help !== null) {
      current = help[1]!;
      if (!NAME.test(current) || metrics.has(current)) throw new Error(`not a new name: ${line}`);
      metrics.set(current, { help: unescaped(help[2]!), type: "", samples: [] });
    } else if (type !== null) {
      const metric = metrics.get(current);
      if (metric === undefined || type[1] !== current || metric.type !== "" || metric.samples.length > 0) {
        throw new Error(`a type out of place: ${line}`);
      }
      metric.type = type[2]!;
    } else addSample(metrics.get(current), current, line);
  }
  return metrics;
}

function addSample(metric: { type: string; samples: ReadSample[] } | undefined, current: string, line: string): void {
  const parts = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (metric === undefined || parts === null || parts[1] !== current) throw new Error(`a sample out of place: ${line}`);
  if (metric.type === "") throw new Error(`a sample before its type: ${line}`);
  if (metric.type === "counter" && !current.endsWith("_total")) throw new Error(`a counter's name: ${line}`);
  const value = numberIn(parts[3]!);
  if (metric.type === "counter" && !(value >= 0)) throw new Error(`a counter below zero: ${line}`);
  const labels = labelsIn(parts[2] ?? "", line);
  const key = JSON.stringify(Object.entries(labels).sort());
  if (metric.samples.some((one) => JSON.stringify(Object.entries(one.labels).sort()) === key)) {
    throw new Error(`twice: ${line}`);
  }
  metric.samples.push({ name: current, labels, value });
}

function numberIn(text: string): number {
  if (text === "NaN" || text === "+Inf" || text === "-Inf") return Number(text.replace("Inf", "Infinity"));
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

function labelsIn(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== "") {
    const pair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest);
    if (pair === null || Object.hasOwn(labels, pair[1]!)) throw new Error(`labels: ${line}`);
    labels[pair[1]!] = unescaped(pair[2]!);
    rest = rest.slice(pair[0].length);
  }
  return labels;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
