// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about real proxies and real clients with a real Envoy between them: every byte and request is the relay's, for
 * each destination, and every request has its row.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Teardown } from "../../demo/teardown.ts";
import { startHttpGateway } from "../../loadgen/gateway/http.ts";
import { startSocksGateway } from "../../loadgen/gateway/socks.ts";
import { expectBooks, expectRelayBooks, whenQuiet } from "./driver/agreement.ts";
import type { Books } from "./driver/books.ts";
import { type Outside, startOutside } from "./driver/outside.ts";
import { type LaneOptions, type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { CURL_ERRANDS, curl, FILE_BYTES, POLITE, type Place } from "./real/curl.ts";
import { startRealGateway } from "./real/gateways.ts";
import { NODE_ERRANDS } from "./real/node-clients.ts";
import { type Program, provide } from "./real/programs.ts";
import { SOCKS_CREDENTIALS, SOCKS_ERRANDS, type SitePorts } from "./real/socks-errands.ts";

const DAEMONS = ["squid", "tinyproxy", "microsocks"] as const;
const programs = new Map<string, Program>();
/** Why tests with a program are left out. */
const lacks = new Map<string, string>();
for (const name of ["curl", ...DAEMONS] as const) {
  const provided = await provide(name);
  if ("program" in provided) programs.set(name, provided.program);
  else lacks.set(name, `${name} is left out: ${provided.lack}`);
}

const ERRANDS = [...CURL_ERRANDS, ...NODE_ERRANDS];
/** More than acknowledgements, goodbyes and session tickets take. */
const FRAMES_BYTES = 2048;
const SOON = { timeout: 5000, interval: 100 };
const ASKED = "asks-for-credentials";

const teardown = new Teardown();
let place: Omit<Place, "proxy">;
let ports: SitePorts;
let sidecar: Sidecar;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  teardown.add(() => rmSync(folder, { recursive: true }));
  const outside = await startOutside(["localhost", "127.0.0.1"]);
  teardown.add(() => outside.close());
  ports = { http: outside.sites.httpPort, https: outside.sites.httpsPort };
  place = { ca: join(folder, "ca.pem"), file: join(folder, "upload") };
  writeFileSync(place.ca, outside.authority.pem);
  writeFileSync(place.file, Buffer.alloc(FILE_BYTES, "x"));
  sidecar = await startSidecar({ lanes: await startGateways(outside, folder) });
  teardown.add(() => sidecar.stop());
});
afterAll(() => teardown.run());

describe.each(["proxy-chain", "squid", "tinyproxy"])("through %s", (proxy) => {
  for (const [index, { name, run, exchanges, isCut = false, needsKeepAlive = false }] of ERRANDS.entries()) {
    // tinyproxy closes after each answer.
    if (needsKeepAlive && proxy === "tinyproxy") continue;
    const lack = lacks.get(proxy) ?? (name.startsWith("curl") ? lacks.get("curl") : undefined);
    it.skipIf(lack !== undefined)(titled(name, lack), async () => {
      const vendor = `${proxy}-${index}`;
      await run({ ...place, proxy: proxyOf(vendor) });
      if (isCut) await expectRelayWithin(vendor);
      else await expectRelayBooks(sidecar, sidecar.lane(vendor));
      const books = await expectBooks(sidecar, vendor, { exchanges, active: 0 });
      if (needsKeepAlive) expect(books.connections).toEqual({ http: 1 });
      const isFailing = Object.keys(exchanges).some((row) => row.endsWith("target_error"));
      expect(faults(books)).toEqual(isFailing ? ["target_error"] : []);
    });
  }
});

describe("through SOCKS gateways", () => {
  for (const [index, errand] of SOCKS_ERRANDS.entries()) {
    const lack = lacks.get("curl") ?? lacks.get(errand.gateway);
    it.skipIf(lack !== undefined)(titled(`${errand.gateway}: curl asks by ${errand.name}`, lack), async () => {
      const vendor = `socks-${index}`;
      await errand.run({ ...place, proxy: proxyOf(vendor) }, ports);
      await whenQuiet(sidecar.lane(vendor));
      const row = errand.row(ports);
      await expectRelayBooks(sidecar, sidecar.lane(vendor), { isCountedApart: row.includes("unknown") });
      const books = await expectBooks(sidecar, vendor, { exchanges: { [row]: 1 } });
      expect(faults(books)).toEqual(errand.isRefused ? [row.split(" ").at(-1)] : []);
    });
  }
});

describe("through a proxy that asks for credentials", () => {
  const lack = lacks.get("curl");
  it.skipIf(lack !== undefined)(
    titled("curl is refused, then asks again with a username that names the pool", lack),
    async () => {
      const credentials = ["--proxy-anyauth", "--proxy-user", "crawl-zone-residential-country-de:s3cret"];
      const args = [...POLITE, "--proxy", `http://${proxyOf(ASKED)}`, ...credentials, "--output", "/dev/null"];
      await curl(place, [...args, `https://shop-01.example/bytes?size=${FILE_BYTES}`], `200:${FILE_BYTES}:0`);
      await expectRelayBooks(sidecar, sidecar.lane(ASKED));
      const books = await expectBooks(sidecar, ASKED, {
        exchanges: {
          "none connect 1.1 shop-01.example 407 vendor_auth": 1,
          "residential connect 1.1 shop-01.example 200 ok": 1,
        },
      });
      expect(faults(books)).toEqual(["vendor_auth"]);
      expect(Object.keys(books.countries)).toEqual(["de"]);
    },
  );
});

describe("after all of it", () => {
  it("Envoy has logged nothing that tells of a broken filter", () => {
    expect(sidecar.log.broken()).toEqual([]);
  });
});

/** A connection that is reset with a few frames in flight: those are counted on one side of Envoy and lost on the other. */
async function expectRelayWithin(vendor: string): Promise<void> {
  const relay = await whenQuiet(sidecar.lane(vendor));
  const isWithin = (difference: number) => difference >= 0 && difference <= FRAMES_BYTES;
  // The connection is gone from the gauge at once; its last bytes follow with the filter's next tick.
  await vi.waitFor(async () => {
    const { bytes } = await expectBooks(sidecar, vendor, { active: 0 });
    const differences = [bytes[0] - relay.sentBytes, relay.receivedBytes - bytes[1]];
    expect(differences).toSatisfy((both: number[]) => both.every(isWithin));
  }, SOON);
}

/** Outcomes with failed bytes. A client that closes a tunnel with bytes unread resets it, as curl does at will. */
function faults({ failed }: Books): string[] {
  return Object.keys(failed).filter((outcome) => outcome !== "client_abort");
}

function titled(name: string, lack: string | undefined): string {
  return lack === undefined ? name : `${name} (${lack})`;
}

function proxyOf(vendor: string): string {
  return `127.0.0.1:${sidecar.lane(vendor).port}`;
}

/** A lane for each test, several of them to the same gateway. */
async function startGateways({ internet }: Outside, folder: string): Promise<LaneOptions[]> {
  const to = { internetPort: internet.port };
  const gateways = new Map<string, { port: number }>();
  for (const name of DAEMONS) {
    const program = programs.get(name);
    if (!program) continue;
    const gateway = await startRealGateway(name, program, { ...to, folder });
    teardown.add(() => gateway.stop());
    gateways.set(name, gateway);
  }
  const own = {
    "proxy-chain": await startHttpGateway(to),
    loadgen: await startSocksGateway({ ...to, ...SOCKS_CREDENTIALS }),
    [ASKED]: await startHttpGateway({ ...to, ...SOCKS_CREDENTIALS }),
  };
  for (const [name, gateway] of Object.entries(own)) {
    teardown.add(() => gateway.close());
    gateways.set(name, gateway);
  }
  const lane = (vendor: string, name: string): LaneOptions[] => {
    const gateway = gateways.get(name);
    return gateway ? [{ vendor, gateway }] : [];
  };
  return [
    ...["proxy-chain", "squid", "tinyproxy"].flatMap((name) =>
      ERRANDS.flatMap((_, index) => lane(`${name}-${index}`, name)),
    ),
    ...SOCKS_ERRANDS.flatMap(({ gateway }, index) => lane(`socks-${index}`, gateway)),
    ...lane(ASKED, ASKED),
  ];
}
