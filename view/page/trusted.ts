// SPDX-License-Identifier: Apache-2.0
/**
 * The only thing that may be written into this page as HTML is the empty text, which the chart library uses to clear a box.
 * The Content-Security-Policy makes the browser ask here about every other text, and hear no.
 *
 * @see https://w3c.github.io/trusted-types/dist/spec/#default-policy-hdr
 */

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (text: string) => string | null }): unknown;
}

const { trustedTypes } = window as unknown as { trustedTypes?: TrustedTypes };
trustedTypes?.createPolicy("default", { createHTML: (text) => (text === "" ? text : null) });
