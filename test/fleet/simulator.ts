// SPDX-License-Identifier: Apache-2.0
/**
 * The fleet as a process of its own: answers the metrics of every simulated pod on one loopback port, replaces pods now and
 * then, and keeps the file by which Prometheus finds them. Arguments: pods, pods replaced an hour, file. Prints its port.
 */
import { renameSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expositionOf, sampleCount } from "./exposition.ts";
import { makePod, type SimulatedPod } from "./pod.ts";

const HOUR_MS = 3_600_000;
/** Pods of a real fleet are not of one age; at this many seconds the oldest of the first ones began. */
const OLDEST_S = 7_200;

interface Place {
  pod: SimulatedPod;
  life: number;
  bornAt: number;
  answer: (seconds: number) => string;
}

const [count = 0, replacedPerHour = 0] = process.argv.slice(2, 4).map(Number);
const targetsFile = process.argv[4] ?? "";
const places = Array.from({ length: count }, (_, index) =>
  place(index, 0, Date.now() - (index / count) * OLDEST_S * 1000),
);

function place(index: number, life: number, bornAt: number): Place {
  const pod = makePod(index, life);
  return { pod, life, bornAt, answer: expositionOf(pod) };
}

function writeTargets(address: string): void {
  const groups = places.map(({ pod: { namespace, workload, pod } }, index) => ({
    targets: [address],
    labels: { namespace, workload, pod, __metrics_path__: `/${index}/stats/prometheus` },
  }));
  writeFileSync(`${targetsFile}.new`, JSON.stringify(groups));
  renameSync(`${targetsFile}.new`, targetsFile);
}

/** One after the other, so that every pod has its turn. */
function startReplacing(address: string): void {
  let next = 0;
  const replace = () => {
    const old = places[next];
    if (old) places[next] = place(next, old.life + 1, Date.now());
    next = (next + 1) % count;
    writeTargets(address);
  };
  if (replacedPerHour > 0) setInterval(replace, HOUR_MS / replacedPerHour);
}

const server = http.createServer((request, response) => {
  const found = places[Number(request.url?.split("/")[1])];
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", "text/plain; charset=UTF-8");
  response.end(found.answer((Date.now() - found.bornAt) / 1000));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  writeTargets(`127.0.0.1:${port}`);
  startReplacing(`127.0.0.1:${port}`);
  const samples = places.reduce((sum, { pod }) => sum + sampleCount(pod), 0);
  process.stdout.write(`${JSON.stringify({ port, samples })}\n`);
});
