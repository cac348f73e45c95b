// SPDX-License-Identifier: Apache-2.0
/**
 * Where a story about the filter is played: a connection whose two ends say what the story has them say, and the books afterwards.
 * The same story runs on the stand-in for a proxy and in a real Envoy; `standInStage` and `envoyStage` are the two.
 */
import { readFileSync } from "node:fs";
import { type Books, vendorBooks } from "../envoy/driver/books.ts";
import { startSidecar } from "../envoy/driver/sidecar.ts";
import { poll } from "../../demo/poll.ts";
import { openLine } from "./envoy/line.ts";
import { FILTER } from "./files.ts";
import { Vm } from "./host/vm.ts";
import { World } from "./host/world.ts";

/** One connection through the filter; each verb resolves when the bytes have arrived at the other end. */
export interface Line {
  sent(bytes: Buffer): Promise<void>;
  received(bytes: Buffer): Promise<void>;
  /** Both ends say goodbye, the pod first. */
  close(): Promise<void>;
}

export interface Stage {
  open(vendor: string): Promise<Line>;
  /** The books of a vendor once its requests and bytes are so many, or as they are after a while. */
  books(vendor: string, whenRequests: number): Promise<Books>;
  stop(): Promise<void>;
}

const NOTHING = Buffer.alloc(0);
const DEADLINE_MS = 6000;

export function standInStage(vendors: readonly string[]): Stage {
  const world = new World();
  const plugin = new Vm(new WebAssembly.Module(readFileSync(FILTER)), world).startPlugin({
    rootId: "proxymeter_network",
    configuration: JSON.stringify({
      vendors: vendors.map((name) => ({
        name,
        gateways: [{ host: `gw.${name}.example`, port: 8080 }],
        username: { separator: "-", pool: "zone", country: "country" },
      })),
    }),
  });
  return {
    async open(vendor) {
      const connection = plugin.openConnection({ "xds.cluster_name": `outbound|8080||gw.${vendor}.example` });
      return {
        sent: async (bytes) => void connection.sent(bytes),
        received: async (bytes) => void connection.received(bytes),
        async close() {
          connection.sent(NOTHING, true);
          connection.received(NOTHING, true);
          connection.close();
        },
      };
    },
    async books(vendor) {
      plugin.tick();
      return vendorBooks(world.samples(), vendor);
    },
    stop: async () => plugin.stop(),
  };
}

export async function envoyStage(vendors: readonly string[]): Promise<Stage> {
  const sidecar = await startSidecar({ lanes: vendors.map((vendor) => ({ vendor })), concurrency: 1 });
  const read = async (vendor: string) => vendorBooks(await sidecar.samples(), vendor);
  return {
    async open(vendor) {
      const lane = sidecar.lane(vendor);
      return openLine(lane.port, lane.gateway);
    },
    async books(vendor, whenRequests) {
      const isSettled = (books: Books) => books.requests === whenRequests && books.active === 0;
      const check = async () => {
        const books = await read(vendor);
        return isSettled(books) ? books : undefined;
      };
      return poll(check, {
        what: `${whenRequests} requests of "${vendor}" and no open connection`,
        deadlineMs: DEADLINE_MS,
        signal: new AbortController().signal,
        detail: () => sidecar.log.tail(),
        hint: "",
      });
    },
    stop: () => sidecar.stop(),
  };
}
