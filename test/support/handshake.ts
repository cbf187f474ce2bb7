import { get } from "node:http";

/** Asks for a WebSocket and gives what a server answers that grants none: status and body. */
export function refusedHandshake(url: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const asking = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const request = get(url.replace("ws:", "http:"), { headers: asking }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve([response.statusCode ?? 0, text]));
    });
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      reject(new Error("the connection was granted"));
    });
    request.on("error", reject);
  });
}
