// SPDX-License-Identifier: Apache-2.0
/**
 * A loopback port for programs that cannot say which port they got when asked to take any.
 * It is free when asked for, not reserved: whoever uses it must be ready to ask again.
 */
import { createServer } from "node:net";

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
