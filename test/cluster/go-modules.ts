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
  /** Whether `go mod tidy` fails: it wants what the tests of all dependencies import, and not all of that is served. */
  readonly isUntidy?: boolean;
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

/** Debian's has no discovery of pods; this one has no other, which halves the build. Its pages in the browser are left out. */
export const PROMETHEUS: GoModule = {
  name: "prometheus",
  root: "github.com/prometheus/prometheus",
  companions: [],
  stamps: { "github.com/prometheus/common/version.Version": "{version}" },
  binaries: [
    {
      name: "prometheus",
      package: "github.com/prometheus/prometheus/cmd/prometheus",
      tags: "remove_all_sd,enable_kubernetes_sd",
    },
  ],
  files: [],
  repeatsReplacements: false,
  isUntidy: true,
};

/** Kinds without which the operator has no part for a Prometheus. */
const OPERATOR_KINDS = ["podmonitors", "probes", "prometheuses", "prometheusrules", "scrapeconfigs", "servicemonitors"];

/** Turns a PodMonitor into a configuration of Prometheus, and brings the definitions of its kinds. */
export const OPERATOR: GoModule = {
  name: "operator",
  root: "github.com/prometheus-operator/prometheus-operator",
  companions: [],
  stamps: {},
  binaries: [{ name: "operator", package: "github.com/prometheus-operator/prometheus-operator/cmd/operator" }],
  files: OPERATOR_KINDS.map((kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`),
  repeatsReplacements: false,
  isUntidy: true,
};

export const GO_MODULES: readonly GoModule[] = [ISTIO, APISERVER, ETCD_MODULE, PROMETHEUS, OPERATOR];
