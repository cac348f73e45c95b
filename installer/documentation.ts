// SPDX-License-Identifier: Apache-2.0
/**
 * Where the documentation is that came with this program, for messages: `docs/` is part of the package, so these addresses lead
 * to the pages of this very version, in a clone as well as where npm has put it, and without a network.
 */

/** A folder as a URL. The one place to change once the pages are published somewhere. */
const DOCUMENTATION = new URL("../docs/", import.meta.url);

/**
 * Address of a page.
 *
 * @param page    file below docs/, such as `checks.md`
 * @param anchor  of a heading on it
 */
export function documentation(page: string, anchor?: string): string {
  const address = new URL(page, DOCUMENTATION);
  if (anchor !== undefined) address.hash = anchor;
  return address.href;
}
