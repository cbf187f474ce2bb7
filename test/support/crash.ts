import { connect } from "../../src/lab/connect.js";

/**
 * A program that connects and lets what goes wrong end it: `URL KEY_ID KEY_PATH HOW`. It tells its lab first; then `throw` asks what is
 * refused, `forget` does so in a promise that nobody awaits, `log` prints the error.
 */
const [restUrl, keyId, privateKeyPath, how] = process.argv.slice(2) as [string, string, string, string];

const lab = await connect({ env: "demo", restUrl, keyId, privateKeyPath });
console.log(lab, lab.client, lab.client.signer, JSON.stringify(lab.client));
console.dir(lab, { depth: 12, showHidden: true });
const asking = lab.balance().then((table) => table);
if (how === "throw") await asking;
else if (how === "log") {
  await asking.catch((error: unknown) => console.error(error, String(error), JSON.stringify(error)));
  await lab.close();
}
