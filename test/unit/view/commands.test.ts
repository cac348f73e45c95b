// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about `proxymeter view` and `proxymeter top` as processes, over an HTTP server that answers as Prometheus does: what
 * they print, how they end, and what they say to mistakes.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const MAIN = join(import.meta.dirname, "../../../installer/main.ts");
const TARGETS = { activeTargets: [{ labels: { job: "proxymeter" }, scrapeInterval: "5s" }] };

async function prometheus(): Promise<{ url: string; paths: string[]; stop: () => void }> {
  const paths: string[] = [];
  const server = http.createServer(({ url = "" }, response) => {
    paths.push(decodeURIComponent(url.replaceAll("+", " ")));
    const result = [
      {
        metric: { proxy_vendor: "acme", namespace: "crawl", pod: "crawler-0", destination_host: "shop.example" },
        value: [1, "7"],
      },
    ];
    const data = url.startsWith("/api/v1/targets") ? TARGETS : { resultType: "vector", result };
    response.end(JSON.stringify({ status: "success", data }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`, paths, stop };
}

/** On a terminal, by the Python that set-up needs as well; what is typed is written to its stdin. */
function onTerminal(...args: string[]) {
  const start = "import pty, sys; status = pty.spawn(sys.argv[1:]); sys.exit(status >> 8)";
  const sized = ["sh", "-c", 'stty cols 120 rows 40; exec "$@"', "sh"];
  return started("python3", ["-c", start, ...sized, process.execPath, MAIN, ...args]);
}

function proxymeter(...args: string[]) {
  return started(process.execPath, [MAIN, ...args]);
}

function started(command: string, args: string[]) {
  const child = spawn(command, args);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (text) => {
      output[name] += text;
    });
  }
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, ended };
}

const SOON = { timeout: 20_000 };

describe("proxymeter view", () => {
  it("prints the address of the page, serves it without the password, and ends well on Ctrl-C", async () => {
    const { url } = await prometheus();
    const { child, output, ended } = proxymeter("view", "--prometheus", url);
    await expect.poll(() => output.stderr, SOON).toContain("until Ctrl-C");
    expect(output.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
    const site = await (await fetch(`${output.stdout.trim()}site.json`)).text();
    expect(JSON.parse(site)).toMatchObject({ scrapeIntervalSeconds: 5 });
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(`${site}${stdout}${stderr}`).not.toContain("secret");
  }, 30_000);

  it("prints the address for a program where that is asked for", async () => {
    const { url } = await prometheus();
    const { output } = proxymeter("view", "--prometheus", url, "-o", "json");
    await expect.poll(() => output.stderr, SOON).toContain("until Ctrl-C");
    const { url: page, prometheus: upstream } = JSON.parse(output.stdout) as Record<string, string>;
    expect(page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(upstream).toBe(url.replace("user:secret@", ""));
  }, 30_000);

  it("says that Prometheus does not answer, before it prints an address", async () => {
    const { code, stdout, stderr } = await proxymeter("view", "--prometheus", "http://127.0.0.1:9").ended;
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^cannot reach Prometheus at http:\/\/127\.0\.0\.1:9: .*\nhint: /);
  }, 30_000);

  it.each([
    [["--port", "80000"], '"80000"'],
    [["--prometheus", "ftp://x"], "http:// or https://"],
    [["--dashboards", "/nowhere"], "E?cannot read the dashboards"],
  ])(
    "ends with 2 for %j",
    async (args, said) => {
      const { url } = await prometheus();
      const { code, stderr } = await proxymeter("view", "--prometheus", url, ...args).ended;
      expect(code).toBe(2);
      expect(stderr).toContain(said.replace(/^E\?/, ""));
    },
    30_000,
  );
});

describe("proxymeter top", () => {
  it("writes one look where stdout is no terminal, with rates over four scrapes", async () => {
    const { url, paths } = await prometheus();
    const { code, stdout } = await proxymeter("top", "--prometheus", url).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^vendor .*\nacme .*\n\npod .*\ncrawl\/crawler-0 .*\n\ndestination .*\nshop\.example .*\n$/);
    expect(paths.some((path) => path.includes('rate(proxymeter_vendor_requests_total{job="proxymeter"}[20s])'))).toBe(
      true,
    );
  }, 30_000);

  it("writes the rows as JSON, of what was asked for only", async () => {
    const { url } = await prometheus();
    const { stdout } = await proxymeter("top", "--prometheus", url, "--by", "pod", "-o", "json").ended;
    expect(JSON.parse(stdout)).toMatchObject([
      { grouping: "pod", count: 1, rows: [{ name: "crawl/crawler-0", requests: 7, okShare: 1 }] },
    ]);
  }, 30_000);

  it("ends with 2 for a mistake in its options", async () => {
    expect((await proxymeter("top", "--by", "planet").ended).code).toBe(2);
    expect((await proxymeter("top", "--interval", "soon").ended).code).toBe(2);
  }, 30_000);

  it("draws itself anew on a terminal, says what goes wrong meanwhile, and ends well on Ctrl-C", async () => {
    const { url, paths, stop } = await prometheus();
    const { child, output, ended } = onTerminal("top", "--prometheus", url, "--interval", "1s", "--by", "vendor");
    await expect.poll(() => output.stdout, SOON).toContain("acme");
    const before = paths.length;
    await expect.poll(() => paths.length, SOON).toBeGreaterThan(before + 8);
    stop();
    await expect.poll(() => output.stdout, SOON).toContain("the figures are those of before");
    child.stdin.write("\x03");
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout.lastIndexOf("\x1b[?25h")).toBeGreaterThan(stdout.lastIndexOf("\x1b[?25l"));
    expect(stdout).not.toContain("secret");
  }, 60_000);
});
