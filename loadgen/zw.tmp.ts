import { makeAuthority } from "./certificate.ts";
import { startSites } from "./site/site.ts";
import { startInternet } from "./site/internet.ts";
import { startHttpGateway } from "./gateway/http.ts";
import { startSocksGateway } from "./gateway/socks.ts";
import fs from "node:fs";
const authority = await makeAuthority();
fs.writeFileSync("/tmp/ca.pem", authority.pem);
const sites = await startSites({ authority, hosts: ["a.example", "b.example", "203.0.113.7"] });
const internet = await startInternet({ sites });
const gw = await startHttpGateway({ internetPort: internet.port, username: "u", password: "p" });
const so = await startSocksGateway({ internetPort: internet.port });
fs.writeFileSync(
  "/tmp/world.json",
  JSON.stringify({ http: gw.port, socks: so.port, site: sites.httpsPort, plain: sites.httpPort }),
);
setTimeout(() => process.exit(0), 120000);
