// SPDX-License-Identifier: Apache-2.0
/**
 * Values as YAML that every reader takes for the same: Kubernetes and Prometheus read YAML 1.1, others 1.2.
 * Keys keep their order; there are no aliases, tags or folded lines.
 */
import { Document, isScalar, Scalar, visit } from "yaml";

/** Text that some reader could take for a number, a date, a merge or null; `yes` and the like are the library's to quote. */
const DOUBTFUL = /^[-+.~=<:\d]/;

/** A document without its marker, ending in a line break. */
export function toYaml(value: unknown): string {
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      const isOneLine = typeof node.value === "string" && !node.value.includes("\n");
      if (isScalar(node) && isOneLine && DOUBTFUL.test(node.value as string)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}
