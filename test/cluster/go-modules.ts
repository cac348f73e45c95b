// SPDX-License-Identifier: Apache-2.0
/**
 * The Go modules that the cluster is built from, as a table: folder, main module, binaries, files taken along.
 * The exact versions are in the go.mod and go.sum of each folder.
 */

export interface Binary {
  readonly name: string;
  readonly package: string;
  readonly tags?: string;
}

export interface GoModule {
  /** Folder below `go/`. */
  readonly name: string;
  /** The module whose version the binaries report. */
  readonly root: string;
  /** Modules that move together with the root when pins are bumped. */
  readonly companions: readonly string[];
  /** Variables set at link time; `{version}` is the root's version without "v". */
  readonly stamps: Readonly<Record<string, string>>;
  readonly binaries: readonly Binary[];
  /** Files of the root module, copied beside the binaries under their own name. */
  readonly files: readonly string[];
  /** Kubernetes replaces its staging modules; a dependent has to repeat that. */
  readonly repeatsReplacements: boolean;
}

const ISTIO_TAGS = "vtprotobuf,disable_pgv";
const ISTIO_VERSION = "istio.io/istio/pkg/version";
const KUBE_VERSION = "k8s.io/component-base/version";

export const ISTIO: GoModule = {
  name: "istio",
  root: "istio.io/istio",
  companions: [
    "istio.io/api",
    "istio.io/client-go",
    "github.com/envoyproxy/go-control-plane/envoy",
    "github.com/envoyproxy/go-control-plane/contrib",
  ],
  stamps: { [`${ISTIO_VERSION}.buildVersion`]: "{version}", [`${ISTIO_VERSION}.buildStatus`]: "FromModuleProxy" },
  binaries: [
    { name: "istioctl", package: "istio.io/istio/istioctl/cmd/istioctl", tags: ISTIO_TAGS },
    { name: "pilot-discovery", package: "istio.io/istio/pilot/cmd/pilot-discovery", tags: ISTIO_TAGS },
    {
      name: "pilot-agent",
      package: "istio.io/istio/pilot/cmd/pilot-agent",
      tags: "agent,disable_pgv,grpcnotrace,retrynotrace",
    },
  ],
  files: ["manifests/charts/base/files/crd-all.gen.yaml", "tools/packaging/common/envoy_bootstrap.json"],
  repeatsReplacements: false,
};

export const APISERVER: GoModule = {
  name: "apiserver",
  root: "k8s.io/kubernetes",
  companions: [],
  stamps: { [`${KUBE_VERSION}.gitVersion`]: "v{version}" },
  binaries: [{ name: "kube-apiserver", package: "." }],
  files: [],
  repeatsReplacements: true,
};

/** Built only where Debian's etcd cannot be had. */
export const ETCD_MODULE: GoModule = {
  name: "etcd",
  root: "go.etcd.io/etcd/server/v3",
  companions: [],
  stamps: {},
  binaries: [{ name: "etcd", package: "go.etcd.io/etcd/server/v3" }],
  files: [],
  repeatsReplacements: false,
};

export const GO_MODULES: readonly GoModule[] = [ISTIO, APISERVER, ETCD_MODULE];
