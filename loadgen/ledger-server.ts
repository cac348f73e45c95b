// SPDX-License-Identifier: Apache-2.0
/**
 * Serves the ledger of a running load on loopback: `/metrics` for Prometheus, `/ledger` as JSON.
 * Both read the load's own counts when asked; nothing is counted here.
 */
import http from "node:http";
import { Counter, Registry } from "prom-client";
import type { DestinationCounts } from "./ledger.ts";
import { type Listener, listen } from "./listener.ts";
import type { LoadSnapshot } from "./run.ts";

type Count = "connections" | "requests" | "ok" | "failed" | "sentBytes" | "receivedBytes";

const LABELS = ["pod", "proxy_vendor", "destination_host"] as const;

const COUNTERS: [name: string, help: string, count: Count][] = [
  ["loadgen_connections_total", "Connections opened or tried.", "connections"],
  ["loadgen_requests_total", "Requests begun.", "requests"],
  ["loadgen_ok_requests_total", "Requests answered with a status below 400.", "ok"],
  ["loadgen_failed_requests_total", "Requests without such an answer.", "failed"],
  ["loadgen_sent_bytes_total", "Bytes written to proxies, handshakes and TLS included.", "sentBytes"],
  ["loadgen_received_bytes_total", "Bytes read from proxies, handshakes and TLS included.", "receivedBytes"],
];

/**
 * @param snapshot  the load as it is now
 * @param port      0 for any free one
 * @throws          the listen error, such as EADDRINUSE
 */
export function serveLedger(snapshot: () => LoadSnapshot, port = 0): Promise<Listener> {
  const registry = makeRegistry(() => snapshot().destinations);
  const server = http.createServer(async (request, response) => {
    if (request.url === "/metrics") {
      const text = await registry.metrics();
      response.writeHead(200, { "content-type": registry.contentType }).end(text);
    } else if (request.url === "/ledger") {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(snapshot()));
    } else {
      response.writeHead(404, { "content-type": "text/plain" }).end("expected /metrics or /ledger\n");
    }
  });
  return listen(server, port);
}

function makeRegistry(rows: () => DestinationCounts[]): Registry {
  const registry = new Registry();
  for (const [name, help, count] of COUNTERS) {
    const counter = new Counter({
      name,
      help,
      labelNames: LABELS,
      registers: [registry],
      collect: () => {
        counter.reset();
        for (const row of rows()) {
          counter.inc({ pod: row.pod, proxy_vendor: row.vendor, destination_host: row.host }, row[count]);
        }
      },
    });
  }
  return registry;
}
