// SPDX-License-Identifier: Apache-2.0
/**
 * What every measure works with: Envoys kept apart from the load, the modules, a scratch folder, and the end of all of it.
 * Knows no measure.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Envoy, startEnvoy } from "../../demo/envoy/envoy.ts";
import { Teardown } from "../../demo/teardown.ts";
import type { Modules } from "./modules.ts";
import { type Places, pin, separate } from "./process.ts";

export interface EnvoyPlan {
  bootstrap: object;
  /** Worker threads, 1 unless told. */
  concurrency?: number;
  /** Where it runs: on a processor of its own unless told, with the load, or anywhere. */
  place?: "apart" | "with the load" | "anywhere";
}

export class Rig {
  readonly modules: Modules;
  /** A smoke run: enough to see that everything works, too little to trust a figure. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
  /** Where files may be put; goes with the rig. */
  readonly folder = mkdtempSync(join(tmpdir(), "proxymeter-bench-"));
  readonly #say: (line: string) => void;
  readonly #teardown = new Teardown();
  readonly #places: Places | undefined = separate();
  #started = 0;

  constructor(modules: Modules, quick: boolean, signal: AbortSignal, say: (line: string) => void) {
    this.modules = modules;
    this.quick = quick;
    this.signal = signal;
    this.#say = say;
    this.#teardown.add(() => rmSync(this.folder, { recursive: true, force: true }));
    if (this.#places === undefined) say("load and Envoy share the processors: there is one only, or no taskset");
  }

  /** Of two numbers the one for this run. */
  many(normally: number, quickly: number): number {
    return this.quick ? quickly : normally;
  }

  say(line: string): void {
    this.#say(line);
  }

  /** Ends what a measure has started when the rig ends, or earlier by what it returns. */
  owns(stop: () => Promise<unknown> | unknown): () => Promise<void> {
    let done = false;
    const once = async () => {
      if (!done) await stop();
      done = true;
    };
    this.#teardown.add(once);
    return once;
  }

  /** Starts an Envoy at its place; `stop` ends it before the rig does. */
  async start({ bootstrap, concurrency = 1, place = "apart" }: EnvoyPlan): Promise<Envoy & { stop(): Promise<void> }> {
    this.#started += 1;
    let stop = async () => {};
    const envoy = await startEnvoy({
      name: `envoy-${this.#started}`,
      bootstrap,
      folder: this.folder,
      concurrency,
      signal: this.signal,
      onChild: (child) => {
        stop = this.owns(() => child.stop());
      },
    });
    if (this.#places && place !== "anywhere")
      pin(envoy.child.pid, place === "apart" ? this.#places.envoy : this.#places.rest);
    return { ...envoy, stop };
  }

  async end(): Promise<void> {
    await this.#teardown.run();
  }
}
