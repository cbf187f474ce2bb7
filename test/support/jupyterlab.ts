import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { python } from "./python.js";
import { until } from "./wait.js";

interface Setting {
  /** The folder it opens. */
  readonly notebooks: string;
  /** A Jupyter data folder with kernels. */
  readonly kernels: string;
  /** A new folder for its settings and state, so that those of the user are neither read nor changed. */
  readonly home: string;
  /** Default: JupyterLab. */
  readonly program?: "jupyterlab" | "notebook";
}

/** A JupyterLab, or a Notebook 7, of the project's Python on a free loopback port, known to nobody else. */
export class JupyterLab {
  readonly #child: ChildProcess;
  readonly #token = randomUUID();
  #address = "";
  #log = "";

  private constructor({ notebooks, kernels, home, program = "jupyterlab" }: Setting) {
    const flags = [
      ...["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"],
      ...[`--ServerApp.root_dir=${notebooks}`, `--IdentityProvider.token=${this.#token}`],
    ];
    this.#child = spawn(python, ["-m", program, ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        ...process.env,
        ...{ KALSHI_ENV: "sandbox", KALSHI_REST_URL: "", KALSHI_API_KEY_ID: "" },
        JUPYTER_PATH: kernels,
        JUPYTER_CONFIG_DIR: join(home, "config"),
        JUPYTER_DATA_DIR: join(home, "data"),
        JUPYTER_RUNTIME_DIR: join(home, "runtime"),
      },
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
    });
  }

  /** Starts it, and returns once it answers. */
  static async start(setting: Setting): Promise<JupyterLab> {
    await writeSettings(join(setting.home, "config", "lab", "user-settings"));
    const lab = new JupyterLab(setting);
    try {
      await until(() => lab.#answers(setting.home), "JupyterLab answers", 60_000);
    } catch (error) {
      await lab.close();
      throw new Error(lab.log, { cause: error });
    }
    return lab;
  }

  /** What it and its kernels said so far. */
  get log(): string {
    return this.#log;
  }

  /** Address of one of its pages, with what lets one in. */
  url(path: string): string {
    return `${this.#address}/${path}?token=${this.#token}`;
  }

  /** Ends it and the kernels it started. */
  async close(): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }

  async #answers(home: string): Promise<boolean> {
    if (this.#hasEnded()) throw new Error("JupyterLab ended before it answered");
    // It writes where it listens into a file named by its process.
    const file = join(home, "runtime", `jpserver-${this.#child.pid}.json`);
    const port = await readFile(file, "utf8").then(portOf, () => 0);
    if (port === 0) return false;
    this.#address = `http://127.0.0.1:${port}`;
    return fetch(this.url("api/status")).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Without questions about news, which would stand in front of the notebook, and without a look for a newer version. */
async function writeSettings(folder: string): Promise<void> {
  const settings = {
    "apputils-extension/notification": { fetchNews: "false", checkForUpdates: false },
    // Otherwise cells out of sight are not drawn until someone scrolls there.
    "notebook-extension/tracker": { windowingMode: "none" },
  };
  for (const [name, value] of Object.entries(settings)) {
    const file = join(folder, "@jupyterlab", `${name}.jupyterlab-settings`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(value));
  }
}

/** 0 while the file is only half written. */
function portOf(text: string): number {
  try {
    return Number((JSON.parse(text) as { port?: unknown }).port);
  } catch {
    return 0;
  }
}
