// SPDX-License-Identifier: Apache-2.0
/**
 * The CronJob that follows newly labelled namespaces: what it may do, what it runs, and its place among the objects.
 */
import { describe, expect, it } from "vitest";
import { followerOf } from "../../../../installer/objects/follower.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { inApplyOrder } from "../../../../installer/objects/order.ts";
import { goldenVendors, only, target } from "./fixtures.ts";

const follower = followerOf({
  systemNamespace: "metering",
  release: "0.1.0",
  cliImage: "registry.example/proxymeter-cli:0.1.0",
  args: ["--istio-version", "1.31"],
});
const POD = "spec.jobTemplate.spec.template.spec";

describe("the follower", () => {
  it("is one job at a time, every five minutes, as the installer's account of its namespace", () => {
    expect(follower.metadata).toMatchObject({ name: "proxymeter-follow", namespace: "metering" });
    expect(follower).toHaveProperty("spec.schedule", "*/5 * * * *");
    expect(follower).toHaveProperty("spec.concurrencyPolicy", "Forbid");
    const to = target({ systemNamespace: "metering" });
    const account = only(objectsOf(goldenVendors("small"), to), "ServiceAccount", "proxymeter");
    expect(account.metadata.namespace).toBe("metering");
    expect(follower).toHaveProperty(`${POD}.serviceAccountName`, account.metadata.name);
  });

  it("runs the given image with what installs the record again in that namespace, and asks nobody", () => {
    expect(follower).toHaveProperty(`${POD}.containers.0.image`, "registry.example/proxymeter-cli:0.1.0");
    expect(follower).toHaveProperty(`${POD}.containers.0.args`, [
      "install",
      "--recorded",
      "--yes",
      "--wait",
      "0",
      "-n",
      "metering",
      "--istio-version",
      "1.31",
    ]);
  });

  it("fits the restricted Pod Security Standard", () => {
    expect(follower).toHaveProperty(`${POD}.securityContext.runAsNonRoot`, true);
    expect(follower).toHaveProperty(`${POD}.securityContext.seccompProfile`, { type: "RuntimeDefault" });
    expect(follower).toHaveProperty(`${POD}.containers.0.securityContext`, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("has our label on its jobs and pods, and no sidecar in them", () => {
    const OURS = { "app.kubernetes.io/managed-by": "proxymeter" };
    expect(follower).toMatchObject({
      metadata: { labels: OURS },
      spec: {
        jobTemplate: {
          metadata: { labels: OURS },
          spec: { template: { metadata: { labels: { ...OURS, "sidecar.istio.io/inject": "false" } } } },
        },
      },
    });
  });

  it("is removed before everything else, so that it does not install again what goes", () => {
    const objects = objectsOf(goldenVendors("small"), target({ namespaces: ["zz-crawl"] }));
    expect(inApplyOrder([follower, ...objects]).at(-1)).toBe(follower);
  });
});
