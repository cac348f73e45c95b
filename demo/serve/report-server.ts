// SPDX-License-Identifier: Apache-2.0
/**
 * Answers GET /report with the report as of now. How it is made is not known here.
 */
import http from "node:http";
import { type Listener, listen } from "../../loadgen/listener.ts";
import type { Report } from "../report/report.ts";

/** Listens on a free loopback port. */
export function startReportServer(report: () => Promise<Report>): Promise<Listener> {
  const server = http.createServer(async (request, response) => {
    const isKnown = request.method === "GET" && request.url === "/report";
    if (!isKnown) return void response.writeHead(404, { "content-type": "text/plain" }).end("expected GET /report\n");
    try {
      const body = `${JSON.stringify(await report(), null, 2)}\n`;
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      response.writeHead(503, { "content-type": "text/plain" }).end(`${message}\n`);
    }
  });
  return listen(server);
}
