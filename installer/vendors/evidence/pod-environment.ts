// SPDX-License-Identifier: Apache-2.0
/**
 * Proxy variables in the containers of pods and of workloads' pod templates.
 * Values that stand in Secrets are not read, those in ConfigMaps only where the caller has them.
 */
import { type KubeObject, nameOf } from "../../objects/object.ts";
import { isIP } from "node:net";
import { type Finding, isOutside } from "./candidate.ts";
import { readProxyUrl } from "./proxy-url.ts";

const VARIABLES = new Set(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]);

interface KeyReference {
  name?: string;
  key?: string;
}

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: KeyReference; configMapKeyRef?: KeyReference };
}

interface Container {
  env?: Variable[];
  envFrom?: { prefix?: string; configMapRef?: KeyReference }[];
}

interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
}

interface Found {
  name: string;
  value?: string;
  /** Where the value stands when it was not read. */
  elsewhere?: string;
}

/** Data of ConfigMaps by `namespace/name`. */
export type ConfigData = ReadonlyMap<string, Readonly<Record<string, string>>>;

export function configDataOf(configMaps: readonly KubeObject[]): ConfigData {
  return new Map(
    configMaps.map(({ metadata: { namespace, name }, data }) => [
      `${namespace}/${name}`,
      (data ?? {}) as Record<string, string>,
    ]),
  );
}

export function environmentFinding(workload: KubeObject, configData: ConfigData): Finding {
  const { containers = [], initContainers = [] } = podSpecOf(workload);
  const found = [...initContainers, ...containers].flatMap((container) =>
    variablesOf(container, workload.metadata.namespace ?? "", configData),
  );
  const findings = found.map((variable) => findingOf(variable, `${variable.name} of ${nameOf(workload)}`));
  return {
    candidates: findings.flatMap(({ candidates }) => candidates),
    notes: findings.flatMap(({ notes }) => notes),
  };
}

/** The pod's own spec, or that of a template at the depth where each kind has it. */
function podSpecOf({ kind, spec }: KubeObject): PodSpec {
  type Nested = PodSpec & { template?: { spec?: PodSpec }; jobTemplate?: { spec?: { template?: { spec?: PodSpec } } } };
  const nested = (spec ?? {}) as Nested;
  if (kind === "Pod") return nested;
  return (kind === "CronJob" ? nested.jobTemplate?.spec?.template?.spec : nested.template?.spec) ?? {};
}

function variablesOf({ env = [], envFrom = [] }: Container, namespace: string, configData: ConfigData): Found[] {
  const values = new Map<string, string>();
  for (const { prefix = "", configMapRef } of envFrom) {
    const data = configData.get(`${namespace}/${configMapRef?.name}`) ?? {};
    for (const [key, value] of Object.entries(data)) values.set(prefix + key, value);
  }
  const elsewhere = new Map<string, string>();
  for (const { name, value = "", valueFrom } of env) {
    const { configMapKeyRef: config, secretKeyRef: secret } = valueFrom ?? {};
    const referred = config && configData.get(`${namespace}/${config.name}`)?.[config.key ?? ""];
    values.set(name, referred ?? expanded(value, values));
    const place = secret ? `Secret ${secret.name}` : config && referred === undefined && `ConfigMap ${config.name}`;
    if (place) elsewhere.set(name, place);
    else elsewhere.delete(name);
  }
  return [...values]
    .filter(([name]) => VARIABLES.has(name.toUpperCase()))
    .map(([name, value]) => {
      const place = elsewhere.get(name);
      return place === undefined ? { name, value } : { name, elsewhere: place };
    });
}

/** `$(NAME)` stands for a variable before it: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ */
function expanded(value: string, values: ReadonlyMap<string, string>): string {
  return value.replace(/\$\(([^()]+)\)/g, (reference, name: string) => values.get(name) || reference);
}

function findingOf({ value, elsewhere }: Found, source: string): Finding {
  const nothing = { candidates: [], notes: [] };
  if (elsewhere !== undefined) {
    return {
      ...nothing,
      notes: [`${source} has its value in ${elsewhere}, which is not read: add its gateway by hand`],
    };
  }
  if (value === undefined || value.trim() === "") return nothing;
  const proxy = readProxyUrl(value);
  if (proxy === undefined)
    return { ...nothing, notes: [`${source} is no proxy URL that is known (its value is not shown)`] };
  const { host, ...rest } = proxy;
  if (!isOutside(host)) {
    return {
      ...nothing,
      notes: [`${source} names a proxy in the cluster or in a private network: add it if it is a vendor's`],
    };
  }
  const place = isIP(host) ? { addresses: [host] } : { host, addresses: [] };
  return { ...nothing, candidates: [{ ...place, ...rest, source, isSure: true }] };
}
