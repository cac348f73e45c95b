// SPDX-License-Identifier: Apache-2.0
/**
 * Types of the one set-up function that the cluster tests share; set-up itself is plain JavaScript.
 */
declare module "*/setup/debian.mjs" {
  /** Downloads Debian packages and unpacks them into a folder that exists; installs nothing. */
  export function unpackDebian(names: readonly string[], folder: string): Promise<void>;
}
