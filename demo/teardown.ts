// SPDX-License-Identifier: Apache-2.0
/**
 * Remembers what has been started and ends it in reverse order, all of it, whatever fails on the way.
 */

export type Step = () => Promise<unknown> | unknown;

export class Teardown {
  readonly #steps: Step[] = [];
  #done = false;

  /** Adds a step; what is started after the teardown, by a start-up that was interrupted, is ended at once. */
  add(step: Step): void {
    if (this.#done) void Promise.resolve(step()).catch(() => {});
    else this.#steps.push(step);
  }

  /**
   * Runs the steps, the last added first.
   *
   * @throws AggregateError after the last one, if any failed
   */
  async run(): Promise<void> {
    this.#done = true;
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "could not end everything that was started");
  }
}
