// SPDX-License-Identifier: Apache-2.0
/**
 * The SOCKS client and the relay's reading of SOCKS against microsocks, a gateway that is not ours.
 * Left out, with the reason, where microsocks can't be had; required where CI or REQUIRE_ALL is set.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { makeAuthority } from "../../../loadgen/certificate.ts";
import { listen } from "../../../loadgen/listener.ts";
import { startRelay } from "../../../loadgen/relay/relay.ts";
import { startLoad } from "../../../loadgen/run.ts";
import { startSites } from "../../../loadgen/site/site.ts";
import { provide } from "../../envoy/real/programs.ts";
import { closeLater } from "./rig.ts";

const provided = await provide("microsocks");

const canConnect = async (port: number) => {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect").finally(() => socket.destroy());
};

/** Microsocks takes no port 0: a port that was free a moment ago is tried. */
async function startMicrosocks([file, ...first]: readonly [string, ...string[]]): Promise<number> {
  const { port, close } = await listen(net.createServer());
  await close();
  const options = [...first, "-i", "127.0.0.1", "-p", String(port), "-u", "customer", "-P", "secret"];
  const child = spawn(file, options, { stdio: "ignore" });
  onTestFinished(() => void child.kill());
  await vi.waitFor(() => canConnect(port));
  return port;
}

describe("microsocks as the gateway", () => {
  const title = "carries all requests and is counted to the byte";
  const lack = "lack" in provided ? ` (left out: ${provided.lack})` : "";

  it.skipIf(lack !== "")(title + lack, async () => {
    if ("lack" in provided) expect.fail(lack);
    const authority = await makeAuthority();
    const sites = await closeLater(startSites({ authority, hosts: ["127.0.0.1"] }));
    const upstream = { host: "127.0.0.1", port: await startMicrosocks(provided.program.command) };
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
