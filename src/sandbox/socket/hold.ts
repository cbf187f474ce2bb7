import type { Held } from "./frame-faults.js";

/** What a connection's frames wait behind when one of them is held: then all follow in their order. */
export class Hold {
  #waiting: (() => void)[] = [];
  #until = 0;
  #pingsToo = false;
  #timer: NodeJS.Timeout | null = null;

  /** Holds everything from now on for so long, or longer where it is held already. */
  close({ delayMs, holdsPings = false }: Held): void {
    this.#until = Math.max(this.#until, performance.now() + delayMs);
    this.#pingsToo ||= holdsPings;
    this.#timer ??= this.#wait();
  }

  /** Sends now, or behind what is held. */
  pass(send: () => void): void {
    if (this.#timer === null) send();
    else this.#waiting.push(send);
  }

  /** A ping passes unless pings are held as well; one that does not pass is not sent later. */
  ping(send: () => void): void {
    if (this.#timer === null || !this.#pingsToo) send();
  }

  /** Forgets what waits. */
  drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting = [];
  }

  #wait(): NodeJS.Timeout {
    return setTimeout(() => this.#open(), Math.max(1, Math.ceil(this.#until - performance.now())));
  }

  #open(): void {
    if (performance.now() < this.#until) {
      this.#timer = this.#wait();
      return;
    }
    const waiting = this.#waiting;
    this.drop();
    this.#pingsToo = false;
    for (const send of waiting) send();
  }
}
