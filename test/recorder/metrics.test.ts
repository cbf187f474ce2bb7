import { describe, expect, it } from "vitest";
import { KalshiError } from "../../src/errors.js";
import { metricsText } from "../../src/recorder/metrics.js";
import { readPrometheus } from "../support/prometheus.js";
import { recorderStatus } from "../support/recorder-status.js";

describe("the metrics of a recorder", () => {
  it("are in Prometheus' text format, each with a prefix, a help text and a type, in base units", () => {
    const metrics = readPrometheus(metricsText(recorderStatus()));
    expect(metrics.size).toBeGreaterThan(20);
    for (const [name, { help, type, samples }] of metrics) {
      expect(name).toMatch(/^kalshi_recorder_[a-z_]+$/);
      expect(help).toMatch(/^\S.*\.$/);
      expect(type).toBe(name.endsWith("_total") ? "counter" : "gauge");
      expect(samples.length).toBeGreaterThan(0);
    }
    const value = (name: string) => metrics.get(`kalshi_recorder_${name}`)?.samples[0]?.value;
    expect(value("connected")).toBe(1);
    expect(value("markets")).toBe(12);
    expect(value("markets_joined_total")).toBe(3);
    expect(value("frames_total")).toBe(1_234_567);
    expect(value("written_bytes_total")).toBe(345_678_901);
    expect(value("messages_per_second")).toBe(4_321.5);
    expect(value("last_frame_time_seconds")).toBe(1_795_329_089.4);
    expect(value("disk_free_bytes")).toBe(41_000_000_000);
    expect(value("gaps_total")).toBe(1);
    expect(value("stalls_total")).toBe(2);
    expect(value("rest_books_compared_total")).toBe(120);
    expect(metrics.get("kalshi_recorder_lag_seconds")?.samples.map(({ labels, value }) => [labels.of, value])).toEqual([
      ["median", 0.0125],
      ["lowest", -0.003_25],
      ["highest", 0.09],
    ]);
  });

  it("leave out what is not known, rather than calling it zero", () => {
    const disk = { problem: null, waitingBytes: 0, freeBytes: null };
    const metrics = readPrometheus(metricsText(recorderStatus({ lag: null, lastFrameAt: null, disk })));
    for (const name of ["lag_seconds", "last_frame_time_seconds", "disk_free_bytes", "problem"]) {
      expect(metrics.has(`kalshi_recorder_${name}`), name).toBe(false);
    }
  });

  it("tell what is silent now, each kind by its name", () => {
    const stalls = { connections: 1, markets: 4, clocks: 0, total: 9 };
    const metrics = readPrometheus(metricsText(recorderStatus({ stalls })));
    const samples = metrics.get("kalshi_recorder_silent_now")!.samples;
    expect(samples.map(({ labels, value }) => [labels.what, value])).toEqual([
      ["connections", 1],
      ["markets", 4],
      ["clocks", 0],
    ]);
  });

  it("tell a problem by its code, and a disk that takes nothing", () => {
    const problem = new KalshiError("DISK_FULL", "no space", { hint: "free some" });
    const disk = { problem, waitingBytes: 1_000, freeBytes: 0 };
    const metrics = readPrometheus(metricsText(recorderStatus({ state: "reconnecting", disk, problem })));
    const sample = (name: string) => metrics.get(`kalshi_recorder_${name}`)?.samples[0];
    expect(sample("problem")).toMatchObject({ labels: { code: "DISK_FULL" }, value: 1 });
    expect(sample("disk_problem")).toMatchObject({ value: 1 });
    expect(sample("waiting_bytes")).toMatchObject({ value: 1_000 });
    expect(sample("connected")).toMatchObject({ value: 0 });
  });
});
