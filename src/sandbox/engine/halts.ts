import { Refused, refusal } from "../wire/replies.js";

/** What of the whole exchange is halted. A pause of the exchange is one of trading too. */
export type Halt = "none" | "trading" | "exchange";

/** Pauses of the whole exchange. */
export interface ExchangeOperations {
  /** No orders are taken or amended; cancels work, books stay, and orders that are to be cancelled on a pause are. */
  pauseTrading(): void;
  /** Cancels and transfers are refused as well. */
  pauseExchange(): void;
  /** Ends either pause. */
  resumeExchange(): void;
  halted(): Halt;
}

/** The same, and the questions that operations ask. */
export interface Halts extends ExchangeOperations {
  isHalted(): boolean;
  /** @throws Refused while no orders are taken */
  checkTrading(): void;
  /** @throws Refused while nothing is */
  checkExchange(): void;
}

export function createHalts({ onHalt, onResume }: { onHalt(): void; onResume(): void }): Halts {
  let halt: Halt = "none";

  function begin(wanted: Halt): void {
    const was = halt;
    halt = wanted;
    if (was === "none") onHalt();
  }

  function checkExchange(): void {
    if (halt === "exchange") throw new Refused(refusal(400, "exchange_is_paused", "exchange is paused"));
  }

  return {
    pauseTrading: () => begin("trading"),
    pauseExchange: () => begin("exchange"),
    resumeExchange() {
      halt = "none";
      onResume();
    },
    halted: () => halt,
    isHalted: () => halt !== "none",
    checkTrading() {
      checkExchange();
      if (halt === "trading") throw new Refused(refusal(400, "trading_is_paused", "trading is paused"));
    },
    checkExchange,
  };
}
