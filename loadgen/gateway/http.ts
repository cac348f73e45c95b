// SPDX-License-Identifier: Apache-2.0
/**
 * A vendor gateway that speaks HTTP (CONNECT and absolute-form): the `proxy-chain` server in front of our internet.
 * Its misbehaving relative is fault.ts, its SOCKS relative socks.ts.
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Server } from "proxy-chain";
import { type Gateway, type GatewayOptions, isAdmitted } from "./gateway.ts";

/**
 * Starts the gateway on a free loopback port.
 * Without valid credentials it answers 407 and closes; a site that the internet does not know becomes a 59x answer.
 */
export async function startHttpGateway(options: GatewayOptions): Promise<Gateway> {
  const server = new Server({
    host: "127.0.0.1",
    port: 0,
    prepareRequestFunction: ({ username, password }) => ({
      requestAuthentication: !isAdmitted(options, username, password),
      upstreamProxyUrl: `http://127.0.0.1:${options.internetPort}`,
    }),
  });
  await server.listen();
  server.server.on("connect", (_request, client) => endWhenGivenUp(client));
  return { host: "127.0.0.1", port: server.port, close: () => server.close(true) };
}

/**
 * proxy-chain neither answers nor closes a CONNECT whose client has ended before the answer (it returns without a word
 * in chain.js when the client's socket is no longer open), so the connection would stay for ever.
 */
function endWhenGivenUp(client: Duplex): void {
  client.once("end", () => {
    if ((client as Socket).bytesWritten === 0) client.end();
  });
}
