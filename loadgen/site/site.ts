// SPDX-License-Identifier: Apache-2.0
/**
 * The web sites that crawlers ask: any number of host names behind one plain and one TLS port on loopback.
 * The TLS port speaks HTTP/2 and HTTP/1.1 by ALPN. What is answered is in routes.ts; who leads a name here is internet.ts.
 */
import http from "node:http";
import http2 from "node:http2";
import { isIP } from "node:net";
import tls from "node:tls";
import type { Authority, Certificate } from "../certificate.ts";
import { listen } from "../listener.ts";
import { answer } from "./routes.ts";
import { echoWebSocket } from "./websocket.ts";

// Longer than crawlers pause.
const KEEP_ALIVE_MS = 120_000;

export interface SitesOptions {
  authority: Authority;
  /** Names and IP addresses that are served; another name is refused in the TLS handshake. */
  hosts: string[];
}

export interface Sites {
  hosts: ReadonlySet<string>;
  httpPort: number;
  httpsPort: number;
  close(): Promise<void>;
}

/** Serves `hosts` on two free loopback ports. Certificates are issued per name, when a name is first asked for. */
export async function startSites({ authority, hosts }: SitesOptions): Promise<Sites> {
  const names = new Set(hosts.map((host) => host.toLowerCase()));
  const handler = (request: http.IncomingMessage, response: http.ServerResponse) => {
    response.on("error", () => response.destroy());
    answer(request, response).catch(() => response.destroy());
  };
  const plain = http.createServer(handler);
  const options = {
    allowHTTP1: true,
    SNICallback: chooseByName(authority, names),
    ...(await forAddresses(authority, names)),
  };
  const secure = http2.createSecureServer(options, (request, response) =>
    handler(request as unknown as http.IncomingMessage, response as unknown as http.ServerResponse),
  );
  for (const server of [plain, secure]) server.on("upgrade", echoWebSocket());
  for (const server of [plain, secure as unknown as http.Server]) server.keepAliveTimeout = KEEP_ALIVE_MS;
  // A crawler that goes away in the middle of something is normal here.
  for (const event of ["tlsClientError", "sessionError"]) secure.on(event, () => {});
  const [httpListener, httpsListener] = await Promise.all([listen(plain), listen(secure)]);
  return {
    hosts: names,
    httpPort: httpListener.port,
    httpsPort: httpsListener.port,
    close: async () => void (await Promise.all([httpListener.close(), httpsListener.close()])),
  };
}

/** The certificate for clients that send no name, as those do that ask for an IP address. */
async function forAddresses(authority: Authority, names: ReadonlySet<string>): Promise<Partial<Certificate>> {
  const addresses = [...names].filter((name) => isIP(name) !== 0);
  return addresses.length === 0 ? {} : authority.issue(addresses);
}

type NameCallback = (name: string, done: (error: Error | null, context?: tls.SecureContext) => void) => void;

function chooseByName(authority: Authority, names: ReadonlySet<string>): NameCallback {
  const contexts = new Map<string, Promise<tls.SecureContext>>();
  return (servername, done) => {
    const name = servername.toLowerCase();
    if (!names.has(name)) return done(new Error(`cannot serve "${name}": no such site`));
    const context = contexts.get(name) ?? authority.issue([name]).then((leaf) => tls.createSecureContext(leaf));
    contexts.set(name, context);
    context.then(
      (ready) => done(null, ready),
      (error: Error) => done(error),
    );
  };
}
