import inspector from "node:inspector";

/**
 * Has the main thread wait, instead of V8 ending the process, when its heap is full. For V8 tells a debugger first, with four times the room
 * until the debugger has decided; here the decision is to end what runs. Takes effect on the main thread itself, so it does not matter how
 * late this one gets its turn.
 *
 * Not for all of the time: under a debugger an `await` takes several times as long.
 *
 * @param tell called before what runs is ended
 * @returns what takes the guard away, to be called also after it has told
 */
export function guardMainThread(tell: () => void): () => void {
  const session = new inspector.Session();
  session.connectToMainThread();
  let isOpen = true;
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    // Gives the heap its limit back, or a quarter more than is in use where that is more.
    session.disconnect();
  };
  session.once("Debugger.paused", () => {
    tell();
    if (isOpen) session.post("Debugger.resume", { terminateOnResume: true }, end);
  });
  session.post("Debugger.enable", { maxScriptsCacheSize: 0 });
  // Want of memory excepted, nothing is waited for: no `debugger` of the user's.
  session.post("Debugger.setSkipAllPauses", { skip: true });
  return end;
}
