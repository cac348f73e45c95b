// SPDX-License-Identifier: Apache-2.0
/**
 * The whole configuration that both plugins get: who it is, then the settings.
 */
import type { VendorsFile } from "../vendors/model.ts";
import { configHashOf } from "./names.ts";
import { type PluginSettings, pluginSettingsOf } from "./plugin-settings.ts";
import type { Target } from "./target.ts";

export interface PluginConfig extends PluginSettings {
  release: string;
  digest: string;
  config_hash: string;
}

/** One JSON object of docs/configuration.md. */
export function pluginConfigOf(file: VendorsFile, target: Target): PluginConfig {
  return {
    release: target.release,
    digest: target.module.digest,
    config_hash: configHashOf(file, target),
    ...pluginSettingsOf(file, target),
  };
}
