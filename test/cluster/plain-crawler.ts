// SPDX-License-Identifier: Apache-2.0
/**
 * A crawler that asks for http:// pages: absolute-form requests to any sites, one after the other on one kept-alive connection.
 */
import http from "node:http";
import type { VendorProxy } from "./crawler.ts";

export interface PlainCrawler {
  /** Downloads `size` bytes from a site. Throws when the connection is cut. */
  download(host: string, size: number): Promise<void>;
  /** Ends the connection. */
  close(): void;
}

export function plainCrawler(proxy: VendorProxy): PlainCrawler {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const credentials = Buffer.from(`${proxy.username}:${proxy.password}`).toString("base64");
  const download = (host: string, size: number) =>
    new Promise<void>((resolve, reject) => {
      const path = `http://${host}/bytes?size=${size}`;
      const headers = { host, "proxy-authorization": `Basic ${credentials}` };
      const request = http.get({ host: proxy.address, port: proxy.port, path, headers, agent }, async (response) => {
        let length = 0;
        for await (const chunk of response) length += (chunk as Buffer).length;
        if (length === size) resolve();
        else
          reject(new Error(`cannot download ${size} bytes from ${host}: got ${length}, status ${response.statusCode}`));
      });
      request.once("error", reject);
    });
  return { download, close: () => agent.destroy() };
}
