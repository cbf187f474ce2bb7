import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { installKernel, uninstallKernel } from "../../src/kernel/install.js";

let dataFolder: string;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "kalshi-jupyter-"));
});

afterAll(() => rm(dataFolder, { recursive: true, force: true }));

describe("installing the kernel", () => {
  it("writes a kernelspec that needs nothing of the path, and its logos", async () => {
    const folder = await installKernel({ dataFolder });
    expect(folder).toBe(join(dataFolder, "kernels", "kalshi-lab"));
    const spec = JSON.parse(await readFile(join(folder, "kernel.json"), "utf8")) as { argv: string[] };
    expect(spec).toMatchObject({ display_name: "TypeScript (Kalshi Lab)", language: "typescript" });
    expect(spec).toMatchObject({ interrupt_mode: "message" });
    const paths = spec.argv.filter((argument) => !argument.startsWith("-") && argument !== "{connection_file}");
    expect(paths).toHaveLength(2);
    expect(paths.every((path) => isAbsolute(path))).toBe(true);
    expect(await readdir(folder)).toEqual(["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"]);
  });

  it("can be done twice, and undone twice", async () => {
    await installKernel({ dataFolder });
    await uninstallKernel({ dataFolder });
    await uninstallKernel({ dataFolder });
    expect(await readdir(join(dataFolder, "kernels"))).toEqual([]);
  });

  it("goes where Jupyter says its data is", async () => {
    vi.stubEnv("JUPYTER_DATA_DIR", join(dataFolder, "elsewhere"));
    expect(await installKernel()).toBe(join(dataFolder, "elsewhere", "kernels", "kalshi-lab"));
    vi.unstubAllEnvs();
  });

  it("says where it cannot write", async () => {
    await expect(installKernel({ dataFolder: "/dev/null" })).rejects.toMatchObject({ code: "KERNEL_SETUP" });
  });
});
