// SPDX-License-Identifier: Apache-2.0
/**
 * The packet rules of the simulated pod: what istio-init does to a real one, and how a gateway's address leads to its relay.
 * Rules live and die with the network namespace.
 */
import { execa } from "execa";
import { POD_ADDRESS, SIDECAR_UID } from "./namespace.ts";
import type { Program } from "./tools.ts";

/** Port of a sidecar that takes all intercepted outgoing connections. */
const VIRTUAL_OUTBOUND_PORT = 15_001;

export interface GatewayRoute {
  readonly address: string;
  readonly port: number;
  /** Local port that stands for the gateway. */
  readonly relayPort: number;
}

/** A Service's own address: the sidecar connects to its endpoints instead, which need no rule. */
export type ServiceAddress = Omit<GatewayRoute, "relayPort">;

/**
 * Replaces all rules: connections to a gateway's address go to the sidecar, the sidecar's own ones to the relay.
 * Everything else on loopback is left alone.
 */
export async function intercept(
  iptables: Program,
  routes: readonly GatewayRoute[],
  services: readonly ServiceAddress[] = [],
): Promise<void> {
  const nat = (...args: string[]) =>
    execa(iptables.path, [...iptables.args, "-t", "nat", ...args], { env: { ...iptables.env } });
  const owner = ["-m", "owner", "--uid-owner", String(SIDECAR_UID)];
  await nat("-F", "OUTPUT");
  for (const { address, port, relayPort } of routes) {
    const to = ["-p", "tcp", "-d", address, "--dport", String(port)];
    await nat("-A", "OUTPUT", ...to, ...owner, "-j", "REDIRECT", "--to-ports", String(relayPort));
    await nat("-A", "OUTPUT", ...to, "-j", "REDIRECT", "--to-ports", String(VIRTUAL_OUTBOUND_PORT));
  }
  for (const { address, port } of services) {
    await execa("ip", ["route", "replace", `${address}/32`, "dev", "lo", "src", POD_ADDRESS]);
    const to = ["-p", "tcp", "-d", address, "--dport", String(port)];
    await nat("-A", "OUTPUT", ...to, "-j", "REDIRECT", "--to-ports", String(VIRTUAL_OUTBOUND_PORT));
  }
}
