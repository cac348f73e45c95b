// SPDX-License-Identifier: Apache-2.0
/**
 * Before each test file: waits until the file before it has really ended, so that no file depends on their order. A namespace that
 * is still on its way out would take nothing new.
 */
import { beforeAll, inject } from "vitest";
import { Kube } from "./kube.ts";
import { until } from "./poll.ts";

interface List {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly deletionTimestamp?: string } }[];
}

beforeAll(async () => {
  const kube = new Kube(inject("plane").credentials);
  const leaving = async () => {
    const { items } = (await kube.call("GET", "/api/v1/namespaces")) as List;
    return items.flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [] : [metadata.name]));
  };
  try {
    await until(async () => (await leaving()).length === 0, {
      what: "the end of namespaces that were deleted before",
      detail: async () => (await leaving()).join(", "),
    });
  } finally {
    await kube.close();
  }
});
