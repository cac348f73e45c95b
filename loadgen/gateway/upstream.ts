// SPDX-License-Identifier: Apache-2.0
/**
 * Reaches a site from a raw-socket gateway: a tunnel through the stand-in for the internet.
 * The proxy-chain gateway does this by itself.
 */
import http from "node:http";
import type { Socket } from "node:net";

/**
 * @param authority  `host:port`
 * @returns          null if the internet knows no such site
 * @throws           the connect error
 */
export function dialSite(internetPort: number, authority: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port: internetPort, method: "CONNECT", path: authority });
    request.on("connect", (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return resolve(null);
      }
      socket.unshift(head);
      const site = socket as Socket;
      site.allowHalfOpen = true;
      site.setNoDelay(true);
      resolve(site);
    });
    request.on("error", reject);
    request.end();
  });
}
