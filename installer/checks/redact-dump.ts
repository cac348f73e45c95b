// SPDX-License-Identifier: Apache-2.0
/**
 * Takes out of a configuration dump of Envoy what a bundle must not carry: its secrets, code and settings of others' extensions,
 * and header values under secret names. Pure.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto
 */
import { REDACTED, redactValue } from "./redact.ts";

const SECRETS = /\.SecretsConfigDump$/;
/** Members in which anything may stand: code, keys, bodies. */
const OPAQUE = ["inline_code", "inline_bytes", "inline_string", "source_codes", "trusted_ca", "private_key"];
const SECRET_KEY = /authorization|cookie|secret|token|api[-_]?key|password|credential/i;
/** Of a Wasm plugin of ours; those of others may hold keys. */
const OUR_ROOT = /^proxymeter/;

interface Dump {
  configs?: { "@type"?: string }[];
}

export function redactDump(dump: unknown): unknown {
  const { configs = [], ...rest } = (dump ?? {}) as Dump;
  const kept = configs.filter((config) => !SECRETS.test(config["@type"] ?? ""));
  return redactValue(withoutOpaque({ ...rest, configs: kept }));
}

function withoutOpaque(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOpaque);
  if (typeof value !== "object" || value === null) return value;
  const { key, root_id: root } = value as { key?: unknown; root_id?: unknown };
  const isSecretPair = typeof key === "string" && SECRET_KEY.test(key);
  const isForeignPlugin = typeof root === "string" && !OUR_ROOT.test(root);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isSecret =
        OPAQUE.includes(name) ||
        (isSecretPair && (name === "value" || name === "raw_value")) ||
        (isForeignPlugin && name === "configuration");
      return [name, isSecret ? REDACTED : withoutOpaque(member)];
    }),
  );
}
