// SPDX-License-Identifier: Apache-2.0
/**
 * The outside world in a thread of its own.
 */
import net from "node:net";
import { describe, expect, it } from "vitest";
import { startOutside } from "../../../loadgen/outside.ts";
import { type LoadVendor, startLoad } from "../../../loadgen/run.ts";
import { closeLater } from "./rig.ts";

describe("startOutside", () => {
  it("serves sites through every gateway of its plan", async () => {
    const hosts = ["shop-01.example"];
    const login = { username: "customer", password: "secret" };
    const outside = await closeLater(
      startOutside({ hosts, gateways: [{ kind: "http", ...login }, { kind: "socks" }] }),
    );
    const vendors = outside.gateways.map(
      ({ port }, index): LoadVendor => ({
        vendor: `vendor-${index}`,
        weight: 1,
        proxyUrl: `http://customer:secret@127.0.0.1:${port}`,
        protocol: index === 0 ? "connect" : "socks5",
      }),
    );
    // The socks gateway wants no credentials, so its client offers none.
    if (vendors[1]) vendors[1].proxyUrl = vendors[1].proxyUrl.replace("customer:secret@", "");
    const pods = [{ pod: "crawler-0", vendors }];
    const result = await startLoad({ pods, hosts, ca: outside.ca, seed: 1, durationMs: 200 }).done;
    expect(result.failed).toBe(0);
    for (const { ok } of result.vendors) expect(ok).toBeGreaterThan(2);
  });

  it("leaves nothing listening when it is closed", async () => {
    const outside = await startOutside({ hosts: ["shop-01.example"], gateways: [{ kind: "http" }] });
    await outside.close();
    const ports = [outside.httpPort, outside.httpsPort, outside.internetPort, outside.gateways[0]?.port ?? 0];
    for (const port of ports) {
      const code = await new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1", () => resolve("connected"));
        socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      expect(code).toBe("ECONNREFUSED");
    }
  });

  it("says why it cannot start", async () => {
    const gateways = [{ kind: "fault" as const, fault: "none such" as never }, { kind: "smoke" as never }];
    await expect(startOutside({ hosts: [], gateways })).rejects.toThrow(TypeError);
  });
});
