// SPDX-License-Identifier: Apache-2.0
/**
 * Where Prometheus with promtool, and amtool, which checks Alertmanager's configuration, come from.
 */
import { packaged } from "./packaged.mjs";

const url = "https://prometheus.io/download";

export const prometheus = packaged({
  title: "Prometheus",
  names: ["prometheus", "promtool"],
  debianPackage: "prometheus",
  release: "Prometheus 2.40 or later",
  url,
});

export const amtool = packaged({
  title: "amtool",
  names: ["amtool"],
  debianPackage: "prometheus-alertmanager",
  release: "Alertmanager 0.22 or later",
  url,
});
