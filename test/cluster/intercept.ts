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
/** And all incoming ones, but for those to ports that the agent and Envoy answer themselves. */
const VIRTUAL_INBOUND_PORT = 15_006;
const OWN_PORTS = [15_020, 15_021, 15_090];

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

/**
 * Takes connections to the pod's own address too, as istio-init does with all but the sidecar's own ports; until `intercept` is
 * called again.
 */
export async function interceptInbound(iptables: Program): Promise<void> {
  const to = ["-t", "nat", "-A", "OUTPUT", "-p", "tcp", "-d", POD_ADDRESS];
  const notBySidecar = ["-m", "owner", "!", "--uid-owner", String(SIDECAR_UID)];
  const rules = [
    ...OWN_PORTS.map((port) => [...to, "--dport", String(port), "-j", "RETURN"]),
    [...to, ...notBySidecar, "-j", "REDIRECT", "--to-ports", String(VIRTUAL_INBOUND_PORT)],
  ];
  for (const rule of rules) await execa(iptables.path, [...iptables.args, ...rule], { env: { ...iptables.env } });
}
