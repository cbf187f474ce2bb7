import inspector from "node:inspector";

/**
 * Terminates the JavaScript that runs on the main thread right now, from a worker. The main thread goes on with its
 * next task; whatever waited in its queue of microtasks is gone.
 *
 * Connected only for the moment: an open inspector session would keep the process from ending.
 */
export function terminateMainThread(): Promise<void> {
  const session = new inspector.Session();
  session.connectToMainThread();
  return new Promise((resolve) => {
    session.post("Runtime.terminateExecution", () => {
      session.disconnect();
      resolve();
    });
  });
}
