// SPDX-License-Identifier: Apache-2.0
/**
 * What the proxy knows of its own pod: labels of the pod and the stat tags of its bootstrap, from the node's metadata.
 * Asked at configuration time only.
 */
import { answer, answerLength, readProperty } from "./as-proxy-wasm/host.ts";
import { equalsIgnoringCase, equalsText, writeText } from "./core/bytes.ts";
import { Config, VENDOR_NAME, VENDOR_NAME_LENGTH } from "./core/config.ts";
import * as contract from "./core/contract.ts";
import { HeaderPairs, nextPair, startPairs } from "./core/header-pairs.ts";

const path: usize = memory.data(256);
const pairs: HeaderPairs = changetype<HeaderPairs>(memory.data(48));

function metadataPath(): i32 {
  let n: i32 = appendPart(0, "xds");
  n = appendPart(n, "node");
  return appendPart(n, "metadata");
}

/**
 * Whether the sidecar was started without our stat tags, so that only its built-in ones give labels.
 * An Envoy that Istio did not start says nothing of tags; there ours are taken to be in the bootstrap.
 */
export function lacksOurStatTags(): bool {
  let n: i32 = appendPart(metadataPath(), "PROXY_CONFIG");
  n += writeText(<i32>path + n, "extraStatTags");
  if (readProperty(path, n)) return !listsOurTags();
  n = metadataPath();
  n += writeText(<i32>path + n, "ISTIO_VERSION");
  return readProperty(path, n);
}

/** Minor version of the Envoy that runs this, or -1 where it does not say. */
export function envoyMinorVersion(): i32 {
  let n: i32 = appendPart(0, "xds");
  n = appendPart(n, "node");
  n = appendPart(n, "user_agent_build_version");
  n = appendPart(n, "version");
  n += writeText(<i32>path + n, "minor_number");
  return readProperty(path, n) && answerLength === 8 ? <i32>load<u64>(answer) : -1;
}

/** The host writes a list as pairs whose keys are the elements. */
function listsOurTags(): bool {
  startPairs(pairs, <i32>answer, answerLength);
  let found: i32 = 0;
  while (nextPair(pairs)) {
    if (equalsText(pairs.name, pairs.nameLength, contract.LABEL_VENDOR)) found |= 1;
    if (equalsText(pairs.name, pairs.nameLength, contract.LABEL_DESTINATION)) found |= 2;
  }
  return found === 3;
}

/** Reads a label of the pod into the host's answer. */
export function readPodLabel(key: usize, length: i32): bool {
  return length > 0 && readProperty(path, labelPath(key, length)) && answerLength > 0;
}

/** Length of `xds.node.metadata.LABELS.<key>` in `path`. */
function labelPath(key: usize, length: i32): i32 {
  const n: i32 = appendPart(metadataPath(), "LABELS");
  const kept: i32 = length < 128 ? length : 128;
  memory.copy(path + n, key, kept);
  return n + kept;
}

/** Parts of a property path are joined by NUL. */
function appendPart(at: i32, part: string): i32 {
  const n: i32 = at + writeText(<i32>path + at, part);
  store<u8>(path + n, 0);
  return n + 1;
}

/** Index of the vendor that a label of the pod names, by the configured keys in their order; -1 when none does. */
export function attributeByLabel(config: Config): i32 {
  for (let i: i32 = 0; i < config.labelKeyCount; i++) {
    const key: usize = config.labelKeys + 8 * i;
    if (!readPodLabel(load<i32>(key), load<i32>(key, 4))) continue;
    const vendor: i32 = vendorNamed(config, <i32>answer, answerLength);
    if (vendor >= 0) return vendor;
  }
  return -1;
}

/** Index of the vendor with this name, or -1. */
export function vendorNamed(config: Config, name: i32, length: i32): i32 {
  for (let i: i32 = 0; i < config.vendorCount; i++) {
    const vendor: usize = load<i32>(config.vendors + 4 * i);
    if (equalsIgnoringCase(load<i32>(vendor, VENDOR_NAME), load<i32>(vendor, VENDOR_NAME_LENGTH), name, length))
      return i;
  }
  return -1;
}
