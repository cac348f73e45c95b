// SPDX-License-Identifier: Apache-2.0
/**
 * The web sites that crawlers ask: any number of host names behind one plain and one TLS port on loopback.
 * The TLS port speaks HTTP/2 and HTTP/1.1 by ALPN. What is answered is in routes.ts; who leads a name here is internet.ts.
 */
import http from "node:http";
import http2 from "node:http2";
import tls from "node:tls";
import type { Authority } from "../certificate.ts";
import { listen } from "../listener.ts";
import { answer } from "./routes.ts";

export interface SitesOptions {
  authority: Authority;
  /** Names that are served; another name is refused in the TLS handshake. */
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
  const plain = http.createServer({ keepAliveTimeout: 60_000 }, handler);
  const secure = http2.createSecureServer({ allowHTTP1: true, SNICallback: chooseByName(authority, names) }, (q, s) =>
    handler(q as unknown as http.IncomingMessage, s as unknown as http.ServerResponse),
  );
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
