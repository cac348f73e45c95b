// SPDX-License-Identifier: Apache-2.0
/**
 * The text side of moving pins: what stays of a go.mod and what is added.
 */
import { describe, expect, it } from "vitest";
import { withoutPins, withReplacements } from "./pins.ts";

const GO_MOD = `module local/x

go 1.26.0

tool example.org/a/cmd/a

require example.org/single v1.0.0

require (
\texample.org/a v1.2.3
\texample.org/b v1.0.0 // indirect
)

replace (
\texample.org/b => example.org/b v0.9.0
)
`;

describe("withoutPins", () => {
  it("keeps module, go and tool lines only", () => {
    expect(withoutPins(GO_MOD)).toBe("module local/x\n\ngo 1.26.0\n\ntool example.org/a/cmd/a\n\n");
  });
});

describe("withReplacements", () => {
  it("points each staging module of Kubernetes v1.X.Y at its published v0.X.Y", () => {
    const kubernetes =
      "replace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n\tk8s.io/cri-api => ./staging/src/k8s.io/cri-api\n)\n";
    expect(withReplacements("module local/x\n", kubernetes, "v1.36.1")).toBe(
      "module local/x\n\nreplace (\n\tk8s.io/api => k8s.io/api v0.36.1\n\tk8s.io/cri-api => k8s.io/cri-api v0.36.1\n)\n",
    );
  });
});
