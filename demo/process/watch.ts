// SPDX-License-Identifier: Apache-2.0
/**
 * Notices when a part of the rig ends that should run to the end, and says which one and how.
 */
import { DemoFailure } from "../failure.ts";
import type { Teardown } from "../teardown.ts";
import type { Child } from "./child.ts";

export interface Watch {
  signal: AbortSignal;
  teardown: Teardown;
  /** Told when a part ends that should run. */
  onBroken: (failure: DemoFailure) => void;
}

const HINT = "everything else has been ended; start again";

/** Watches a process until the teardown begins. */
export function watchChild(name: string, child: Child, { signal, teardown, onBroken }: Watch): void {
  let isExpected = false;
  teardown.add(() => {
    isExpected = true;
  });
  void child.ended.then((found) => {
    if (isExpected || signal.aborted) return;
    const message = `${name} ended during the run with ${found} (expected it to run to the end)${child.log.text()}`;
    onBroken(new DemoFailure("E_PART_ENDED", message, HINT));
  });
}

/** What to do with an error that ends a thread. */
export function threadError(name: string, { onBroken }: Watch): (error: Error) => void {
  return (cause) => {
    const message = `${name} ended during the run: ${cause.message} (expected them to run to the end)`;
    onBroken(new DemoFailure("E_PART_ENDED", message, HINT, { cause }));
  };
}
