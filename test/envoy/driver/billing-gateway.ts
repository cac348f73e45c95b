// SPDX-License-Identifier: Apache-2.0
/**
 * A vendor's gateway that keeps its own bill: it counts what its sockets carry, connection by connection, and what of that were
 * handshakes and refusals. Speaks CONNECT in front of one TLS site of its own; shares no code with the filter.
 */
import net, { type Socket } from "node:net";
import tls from "node:tls";
import { makeAuthority } from "../../../loadgen/certificate.ts";
import { listen } from "../../../loadgen/listener.ts";

/** What the vendor knows of one connection; directions are the crawler's. */
export interface MeteredConnection {
  sent: number;
  received: number;
  /** CONNECT with its answer. */
  proxySent: number;
  proxyReceived: number;
  /** Up to the client's first record of application data. */
  tlsSent: number;
  tlsReceived: number;
  /** The status of the answer. */
  status: number;
}

export interface BillingGateway {
  port: number;
  connections: MeteredConnection[];
  close(): Promise<void>;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const APPLICATION_DATA = 0x17;
const RECORD_HEAD = 5;
const REFUSED = /^CONNECT refused\./;
const OK = "HTTP/1.1 200 Connection established\r\n\r\n";
const BAD_GATEWAY = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 9\r\n\r\nno route\n";

/** Hosts that begin with `refused.` get a 502; any other one is the site, which answers each line with as many bytes as it says. */
export async function startBillingGateway(): Promise<BillingGateway> {
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue(["shop-01.example"]);
  const site = tls.createServer({ cert, key }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (line) => socket.write(Buffer.alloc(Number(line.toString().trim()))));
  });
  const siteListener = await listen(site);
  const connections: MeteredConnection[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const metered = { sent: 0, received: 0, proxySent: 0, proxyReceived: 0, tlsSent: 0, tlsReceived: 0, status: 0 };
    connections.push(metered);
    serve(client, metered, siteListener.port);
  });
  const listener = await listen(server);
  return {
    port: listener.port,
    connections,
    async close() {
      await listener.close();
      await siteListener.close();
    },
  };
}

function serve(client: Socket, metered: MeteredConnection, sitePort: number): void {
  let head = Buffer.alloc(0);
  client.on("error", () => client.destroy());
  const answer = (text: string, status: number) => {
    metered.status = status;
    metered.received += text.length;
    metered.proxyReceived = text.length;
    client.write(text);
  };
  const onHead = (chunk: Buffer) => {
    metered.sent += chunk.length;
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) return;
    client.off("data", onHead);
    metered.proxySent = end + HEAD_END.length;
    if (REFUSED.test(head.toString("latin1"))) {
      answer(BAD_GATEWAY, 502);
      client.end();
      return;
    }
    answer(OK, 200);
    tunnel(client, metered, { sitePort, early: head.subarray(metered.proxySent) });
  };
  client.on("data", onHead);
}

function tunnel(client: Socket, metered: MeteredConnection, { sitePort, early }: { sitePort: number; early: Buffer }) {
  const site = net.connect({ host: "127.0.0.1", port: sitePort, allowHalfOpen: true });
  const handshake = handshakeMeter(metered);
  const sent = (chunk: Buffer) => {
    handshake.sent(chunk);
    site.write(chunk);
  };
  if (early.length > 0) sent(early);
  client.on("data", (chunk: Buffer) => {
    metered.sent += chunk.length;
    sent(chunk);
  });
  client.on("end", () => site.end());
  site.on("data", (chunk: Buffer) => {
    metered.received += chunk.length;
    handshake.received(chunk);
    client.write(chunk);
  });
  site.on("end", () => client.end());
  site.on("error", () => client.destroy());
}

/** Walks the client's TLS records until the first one of application data is whole. */
function handshakeMeter(metered: MeteredConnection) {
  let rest = Buffer.alloc(0);
  let isOver = false;
  return {
    sent(chunk: Buffer) {
      if (isOver) return;
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= RECORD_HEAD) {
        const size = RECORD_HEAD + rest.readUInt16BE(3);
        if (rest.length < size) return;
        metered.tlsSent += size;
        isOver = rest[0] === APPLICATION_DATA;
        rest = rest.subarray(size);
        if (isOver) return;
      }
    },
    received(chunk: Buffer) {
      if (!isOver) metered.tlsReceived += chunk.length;
    },
  };
}
