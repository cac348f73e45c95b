// SPDX-License-Identifier: Apache-2.0
/**
 * The CronJob that installs again, as recorded, in namespaces that have got the opt-in label meanwhile. Pure.
 * Rendered for users to apply; `install` neither makes nor removes it, `uninstall` removes it.
 */
import { baseOf } from "./base.ts";
import { labelsOf, placed } from "./labels.ts";
import { FOLLOWER } from "./names.ts";
import type { KubeObject } from "./object.ts";
import type { Target } from "./target.ts";

const FOLLOWER_FILE = "80-follow.yaml";

export interface Follower extends Pick<Target, "systemNamespace" | "release"> {
  /** Of the command line, with `proxymeter` on its PATH. */
  cliImage: string;
  /** What `install` has to be told beside the record, such as `--istio-version 1.31`. */
  args: readonly string[];
}

interface Container {
  image: string;
  args: string[];
}

interface CronJobSpec {
  jobTemplate: {
    spec: { template: { metadata: { labels: Record<string, string> }; spec: { containers: Container[] } } };
  };
}

/** Jobs and pods carry our labels too, so that nothing of theirs keeps our namespace from being removed. */
export function followerOf({ systemNamespace, release, cliImage, args }: Follower): KubeObject {
  const base = baseOf<{ spec: CronJobSpec }>(FOLLOWER_FILE, "CronJob");
  const labels = labelsOf("system", { release });
  const { jobTemplate } = base.spec;
  const { template } = jobTemplate.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image: cliImage,
    args: [...container.args, "-n", systemNamespace, ...args],
  }));
  const pod = {
    metadata: { labels: { ...template.metadata.labels, ...labels } },
    spec: { ...template.spec, containers },
  };
  const job = { metadata: { labels }, spec: { ...jobTemplate.spec, template: pod } };
  const object: KubeObject = { ...base, spec: { ...base.spec, jobTemplate: job } };
  return placed(object, { name: FOLLOWER, namespace: systemNamespace, component: "system" }, { release });
}
