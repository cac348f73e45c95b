// SPDX-License-Identifier: Apache-2.0
/**
 * How istioctl is called and what is made of its answers, with small programs in its place.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import {
  accessOf,
  type Istioctl,
  installArgs,
  istioctlInstall,
  istioctlVersion,
  renderedObjects,
  uninstallArgs,
} from "../../../../installer/istio/istioctl.ts";

const folder = mkdtempSync(join(tmpdir(), "proxymeter-istioctl-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
/** An istioctl that runs this text of a shell. */
function istioctl(script: string, signal = new AbortController().signal): Istioctl {
  const path = join(folder, `istioctl-${count++}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { path, access: ["--context", "kind"], signal };
}

const overlays = () => readdirSync(tmpdir()).filter((name) => name.startsWith("proxymeter-istio-"));

describe("istioctl", () => {
  it("is asked for its own version, without a cluster", async () => {
    const said = await istioctlVersion(
      istioctl(`[ "$*" = "version --remote=false -o json" ] && echo '{"clientVersion":{"version":"1.31.0"}}'`),
    );
    expect(said).toBe("1.31.0");
  });

  it("renders objects of an overlay, which it reads from a file that is gone afterwards", async () => {
    const before = overlays();
    const rendered = await renderedObjects(
      istioctl(`[ "$1 $2 $3" = "manifest generate -f" ] && cat "$4"; echo "---"`),
      "kind: A\n",
    );
    expect(rendered).toEqual([{ kind: "A" }]);
    expect(overlays()).toEqual(before);
  });

  it("is told the context, the overlay, how long it may wait, and not to ask", () => {
    const access = accessOf({ kubeconfig: "/etc/kube", context: "kind" });
    expect(installArgs({ access }, "FILE", 90).join(" ")).toBe(
      "install --kubeconfig /etc/kube --context kind -f FILE --readiness-timeout 90s --skip-confirmation",
    );
    expect(uninstallArgs({ access: [] }, "purge")).toEqual(["uninstall", "--purge", "--skip-confirmation"]);
    expect(uninstallArgs({ access: [] }, { revision: "canary" })).toContain("canary");
  });

  it("uses the account of its pod as we do", () => {
    expect(accessOf({ context: "inClusterContext" })).toEqual([]);
  });

  it("shows what it says, line by line, but for its picture", async () => {
    const lines: string[] = [];
    const talking = istioctl(
      `printf '   |\\\\\\n  _|_\\n'; echo "- Processing resources"; echo "Istiod installed" >&2`,
    );
    await istioctlInstall(talking, { overlay: "", readinessSeconds: 1 }, (line) => lines.push(line));
    expect(lines.toSorted()).toEqual(["- Processing resources", "Istiod installed"]);
  });

  it("fails with its last lines and status", async () => {
    const failing = istioctl(`echo "Error: resources not ready" >&2; exit 3`);
    const installing = istioctlInstall(failing, { overlay: "", readinessSeconds: 1 }, () => undefined);
    await expect(installing).rejects.toMatchObject({ code: "E_ISTIOCTL" });
    await expect(installing).rejects.toThrow("istioctl install ended with status 3:\n  Error: resources not ready");
  });

  it("that is not there, or no istioctl, is a mistake of the user", async () => {
    const { signal } = new AbortController();
    const missing = istioctlVersion({ path: join(folder, "none"), access: [], signal });
    await expect(missing).rejects.toMatchObject({ code: "E_NO_ISTIOCTL", exitCode: 2 });
    await expect(istioctlVersion(istioctl("echo hello"))).rejects.toMatchObject({ code: "E_ISTIOCTL", exitCode: 2 });
  });

  it("ends with an interrupt, and its file with it", async () => {
    const stop = new AbortController();
    const started = join(folder, "started");
    const slow = istioctl(`touch ${started}; exec sleep 60`, stop.signal);
    const installing = istioctlInstall(slow, { overlay: "", readinessSeconds: 1 }, () => undefined);
    const ending = expect(installing).rejects.toMatchObject({ code: "E_INTERRUPTED", exitCode: 130 });
    await vi.waitFor(() => expect(existsSync(started)).toBe(true), { timeout: 5000 });
    stop.abort();
    await ending;
  });
});
