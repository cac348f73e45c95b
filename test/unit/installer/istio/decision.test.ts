// SPDX-License-Identifier: Apache-2.0
/**
 * Whether Istio is installed, upgraded, left alone or refused.
 */
import { describe, expect, it } from "vitest";
import { istioAction, supportedVersion } from "../../../../installer/istio/decision.ts";
import type { IstioPresence } from "../../../../installer/istio/presence.ts";
import type { OwnIstio } from "../../../../installer/install/record.ts";

const PLACE = { namespace: "istio-system", revision: "default", profile: "minimal" };
const WISH = { version: "1.30.2", overlay: "the overlay", place: PLACE };
const NOTHING: IstioPresence = { controlPlanes: [], meshConfigs: [], definitions: [], hasNamespace: false };
const THERE = { ...NOTHING, controlPlanes: [{ namespace: "istio-system", revision: "default", tag: "1.30.2" }] };
const OWN: OwnIstio = {
  state: "installed",
  version: "1.30.2",
  namespace: "istio-system",
  revision: "default",
  overlay: "the overlay",
  hasMadeNamespace: true,
  hasMadeDefinitions: true,
};
const refusal = (code: string) => expect.objectContaining({ code, exitCode: 2 });

describe("Istio is", () => {
  it.each([
    ["installed where none is", WISH, NOTHING, undefined, "install"],
    [
      "installed where only definitions are left",
      WISH,
      { ...NOTHING, definitions: ["a.istio.io"] },
      undefined,
      "install",
    ],
    ["gone on with where we were interrupted", WISH, THERE, { ...OWN, state: "installing" as const }, "resume"],
    ["left alone where it is as wanted", WISH, THERE, OWN, "none"],
    ["installed again where ours is gone", WISH, NOTHING, OWN, "repair"],
    ["changed where the overlay is another", { ...WISH, overlay: "another" }, THERE, OWN, "change"],
    ["upgraded by the next minor version", { ...WISH, version: "1.31.0" }, THERE, OWN, "upgrade"],
    ["upgraded by a patch, and back", { ...WISH, version: "1.30.1" }, THERE, OWN, "upgrade"],
  ])("%s", (_, wish, presence, own, action) => {
    expect(istioAction(wish, presence, own)).toBe(action);
  });

  it("refused where others have installed one, and named", () => {
    expect(() => istioAction(WISH, THERE, undefined)).toThrowError(refusal("E_ISTIO_THERE"));
    expect(() => istioAction(WISH, THERE, undefined)).toThrow(
      "istiod 1.30.2, revision default, in namespace istio-system",
    );
    const remote = { ...NOTHING, meshConfigs: ["ConfigMap istio-system/istio"] };
    expect(() => istioAction(WISH, remote, undefined)).toThrow("ConfigMap istio-system/istio");
  });

  it("refused in a second place", () => {
    const wish = { ...WISH, place: { ...PLACE, revision: "canary" } };
    expect(() => istioAction(wish, THERE, OWN)).toThrowError(refusal("E_ISTIO_ELSEWHERE"));
  });

  const brokenOff = { ...OWN, state: "installing" as const, version: "1.31.0" };
  const running = (tag: string) => ({ ...NOTHING, controlPlanes: [{ ...THERE.controlPlanes[0], ...PLACE, tag }] });

  it.each([
    ["the version that istiod has still", "1.30.2", "1.30.2"],
    ["the version that was wanted", "1.30.2", "1.31.0"],
    ["the version that istiod has already", "1.31.0", "1.31.0"],
  ])("gone on with where an upgrade was broken off, to %s", (_, tag, version) => {
    expect(istioAction({ ...WISH, version }, running(tag), brokenOff)).toBe("resume");
  });

  it.each([
    ["back over a minor version that runs already", "1.31.0", "1.30.2"],
    ["over a minor version", "1.29.4-distroless", "1.31.0"],
    ["back from what the record says, where the image does not tell", "latest", "1.30.2"],
  ])("not gone on with %s", (_, tag, version) => {
    expect(() => istioAction({ ...WISH, version }, running(tag), brokenOff)).toThrowError(refusal("E_ISTIO_SKIP"));
  });

  it("gone on with by any version where nothing runs yet", () => {
    expect(istioAction({ ...WISH, version: "1.29.0" }, NOTHING, brokenOff)).toBe("resume");
  });

  it.each(["1.29.0", "1.32.0"])("not taken from 1.30 to %s in place", (version) => {
    expect(() => istioAction({ ...WISH, version }, THERE, OWN)).toThrowError(refusal("E_ISTIO_SKIP"));
  });
});

describe("the version of istioctl", () => {
  it.each(["1.28.0", "1.31.2"])("is taken at its word: %s", (said) => {
    expect(supportedVersion(said, undefined)).toBe(said);
  });

  it("is what the user says where a build does not know it", () => {
    expect(supportedVersion("0.0.0-20260827124520-eed52ebb66ad", "1.31")).toBe("1.31");
    expect(() => supportedVersion("0.0.0-20260827124520-eed52ebb66ad", undefined)).toThrow(
      "cannot install Istio: istioctl says",
    );
  });

  it.each(["1.27.9", "1.32.0"])("is refused where it is not supported: %s", (said) => {
    expect(() => supportedVersion(said, undefined)).toThrowError(refusal("E_ISTIOCTL_VERSION"));
    expect(() => supportedVersion(said, undefined)).toThrow("expected 1.28 to 1.31");
  });
});
