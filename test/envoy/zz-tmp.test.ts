import { expect, it } from "vitest";
import { vendorBooks } from "./driver/books.ts";
import { openEnds, part, speak } from "./driver/conversation.ts";
import { startSidecar } from "./driver/sidecar.ts";
import { heartbeats } from "./driver/heartbeat.ts";
import { bytes, head } from "./ways/way.ts";
it("x", async () => {
  const cases: Record<string, [number, number, string]> = { a: [1, 10, ""], b: [2, 10, ""], c: [2, 3000, ""], d: [2, 9000, ""], e: [2, 40000, ""], f: [1, 40000, ""], g: [1,40000,"t"], h: [3, 10000,"t"], i: [27, 40000, ""], j:[27,4000,""] , k:[27,400,""]};
  const sc = await startSidecar({ lanes: Object.keys(cases).map((vendor) => ({ vendor })), concurrency: 1 });
  for (const [v, [n, size, t]] of Object.entries(cases)) {
    const ends = await openEnds(sc.lane(v));
    const body = Buffer.concat([...Array.from({ length: n }, () => Buffer.concat([bytes(size.toString(16), "\r\n"), Buffer.alloc(size, 97), bytes("\r\n")])), bytes("0\r\n", t ? "X: y\r\n" : "", "\r\n")]);
    await speak(ends, [[">", head("GET http://a.example/ HTTP/1.1")], ["<", Buffer.concat([head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"), body])]]);
    await part(ends);
  }
  await heartbeats(sc, 2);
  const s = await sc.samples();
  for (const v of Object.keys(cases)) console.log(v, cases[v], JSON.stringify(vendorBooks(s, v).exchanges));
  await sc.stop();
});
