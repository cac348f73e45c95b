// SPDX-License-Identifier: Apache-2.0
/**
 * The stat tags that a sidecar must know so that the filter's labels arrive as labels.
 * Owns the list only; the installer and the local rig turn it into configuration. Not compiled into the filter.
 */
import * as contract from "./contract.ts";

/** Values of `extraStatTags` in Istio's ProxyConfig, in the order in which labels appear in the exposition. */
export const EXTRA_STAT_TAGS: readonly string[] = [
  contract.LABEL_VENDOR,
  contract.LABEL_POOL,
  contract.LABEL_COUNTRY,
  contract.LABEL_DESTINATION,
  contract.LABEL_PROTOCOL,
  contract.LABEL_PROTOCOL_VERSION,
  contract.LABEL_RESPONSE_CODE,
  contract.LABEL_OUTCOME,
  contract.LABEL_KIND,
  contract.LABEL_RESULT,
  contract.LABEL_REASON,
  contract.LABEL_EXTRA,
  contract.LABEL_RELEASE,
  contract.LABEL_DIGEST,
  contract.LABEL_ENCODING,
  contract.LABEL_CONFIG_HASH,
];
