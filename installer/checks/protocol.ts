// SPDX-License-Identifier: Apache-2.0
/**
 * What a port speaks in Istio's eyes, and who of a mesh sees a declaration.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
import type { Port } from "./kinds.ts";

/** `sniffed`: Istio looks at the first bytes and takes HTTP for HTTP. */
export type Speech = "http" | "tcp" | "tls" | "sniffed" | "udp";

const SPEECH: Readonly<Record<string, Speech>> = {
  http: "http",
  http2: "http",
  grpc: "http",
  "grpc-web": "http",
  http_proxy: "http",
  "kubernetes.io/h2c": "http",
  "kubernetes.io/ws": "http",
  "kubernetes.io/wss": "tls",
  https: "tls",
  tls: "tls",
  tcp: "tcp",
  mongo: "tcp",
  redis: "tcp",
  mysql: "tcp",
  udp: "udp",
};

/** Ports that Istio takes for TCP unless told otherwise, because their servers speak first. */
const SERVER_FIRST = new Set([25, 53, 3306, 27_017]);

/** Speech of a ServiceEntry's port, by its `protocol`. */
export function entrySpeech({ protocol = "" }: Port): Speech {
  return SPEECH[protocol.toLowerCase()] ?? "sniffed";
}

/** Speech of a Service's port, by `appProtocol`, else the beginning of its name. */
export function serviceSpeech({ name = "", appProtocol, protocol = "TCP", port = 0 }: Port): Speech {
  if (protocol !== "TCP") return "udp";
  const said = (appProtocol ?? name).toLowerCase();
  if (said.startsWith("grpc-web")) return "http";
  const speech = SPEECH[said] ?? SPEECH[said.split("-", 1)[0] ?? ""];
  return speech ?? (SERVER_FIRST.has(port) ? "tcp" : "sniffed");
}

/** Whether any of the crawlers' namespaces sees what is exported so; all do where there are no namespaces yet. */
export function isVisible(
  exportTo: readonly string[],
  own: string | undefined,
  namespaces: readonly string[],
): boolean {
  if (exportTo.length === 0 || exportTo.includes("*") || namespaces.length === 0) return !exportTo.includes("~");
  return namespaces.some((name) => exportTo.includes(name) || (exportTo.includes(".") && name === own));
}
