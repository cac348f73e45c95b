// SPDX-License-Identifier: Apache-2.0
/**
 * The SOCKS client and the relay's reading of SOCKS against microsocks, a gateway that is not ours.
 * Left out, with the reason, where microsocks is not on PATH; required where CI or REQUIRE_ALL is set.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import net from "node:net";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { makeAuthority } from "../../../loadgen/certificate.ts";
import { listen } from "../../../loadgen/listener.ts";
import { startRelay } from "../../../loadgen/relay/relay.ts";
import { startLoad } from "../../../loadgen/run.ts";
import { startSites } from "../../../loadgen/site/site.ts";
import { closeLater } from "./rig.ts";

function isOnPath(tool: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const canConnect = async (port: number) => {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect").finally(() => socket.destroy());
};

/** Microsocks takes no port 0: a port that was free a moment ago is tried. */
async function startMicrosocks(): Promise<number> {
  const { port, close } = await listen(net.createServer());
  await close();
  const options = ["-i", "127.0.0.1", "-p", String(port), "-u", "customer", "-P", "secret"];
  const child = spawn("microsocks", options, { stdio: "ignore" });
  onTestFinished(() => void child.kill());
  await vi.waitFor(() => canConnect(port));
  return port;
}

describe("microsocks as the gateway", () => {
  const isRequired = Boolean(process.env.CI || process.env.REQUIRE_ALL);
  const title = "carries all requests and is counted to the byte";
  const reason = isOnPath("microsocks") ? "" : " (left out: microsocks is not on PATH, try `apt install microsocks`)";

  it.skipIf(reason !== "" && !isRequired)(title + reason, async () => {
    expect(reason).toBe("");
    const authority = await makeAuthority();
    const sites = await closeLater(startSites({ authority, hosts: ["127.0.0.1"] }));
    const upstream = { host: "127.0.0.1", port: await startMicrosocks() };
    const relay = await closeLater(startRelay({ pod: "crawler-0", vendor: "initech", upstream }));
    const proxyUrl = `socks5://customer:secret@127.0.0.1:${relay.port}`;
    const vendors = [{ vendor: "initech", weight: 1, proxyUrl, protocol: "socks5" as const }];
    const result = await startLoad({
      pods: [{ pod: "crawler-0", vendors }],
      hosts: [`127.0.0.1:${sites.httpsPort}`],
      ca: authority.pem,
      seed: 1,
      durationMs: 300,
    }).done;
    await vi.waitFor(() => expect(relay.snapshot().openConnections).toBe(0));
    const [client] = result.vendors;
    expect(client?.reasons).toEqual({});
    expect(client?.ok).toBeGreaterThan(10);
    expect(relay.snapshot()).toMatchObject({
      requests: client?.connections,
      sentBytes: client?.sentBytes,
      receivedBytes: client?.receivedBytes,
      resets: 0,
    });
    expect(relay.snapshot().destinations.map(({ host }) => host)).toEqual([`127.0.0.1:${sites.httpsPort}`]);
  });
});
