// SPDX-License-Identifier: Apache-2.0
/**
 * What the VMs of one proxy share, without a proxy: stats, shared data, clock and log. A stat goes with the last VM that has
 * defined it, as in Envoy. Time stands still unless a test moves it.
 */
import { statsConfig } from "../../../demo/envoy/stats.ts";
import { EXTRA_STAT_TAGS } from "../../../filter/core/stat-tags.ts";
import type { Sample } from "../../envoy/driver/exposition.ts";

export const COUNTER = 0;
export const GAUGE = 1;
export const HISTOGRAM = 2;

export interface Stat {
  type: number;
  name: string;
  /** Of a histogram the sum of its samples. */
  value: bigint;
  /** Samples of a histogram. */
  count: number;
  /** VMs that have defined it. */
  holders: Set<object>;
}

export interface SharedValue {
  value: Uint8Array;
  cas: number;
}

export interface Queue {
  token: number;
  messages: Uint8Array[];
  /** Tells the root context that has registered it last. */
  tell: () => void;
}

export interface LogLine {
  level: number;
  text: string;
}

const START_NANOSECONDS = 1_700_000_000_000_000_000n;
const WARN = 3;

const TAGS = statsConfig(EXTRA_STAT_TAGS)
  .stats_tags.filter(({ regex }) => regex.includes("=\\.="))
  .map(({ tag_name: name, regex }) => ({ name, pattern: new RegExp(regex) }));

export class World {
  readonly stats = new Map<string, Stat>();
  readonly shared = new Map<string, SharedValue>();
  readonly queues = new Map<string, Queue>();
  readonly log: LogLine[] = [];
  /** Host calls that no proxy would accept, in words. A good filter makes none. */
  readonly misuse: string[] = [];
  /** Nanoseconds since the epoch. */
  now = START_NANOSECONDS;
  /** Lowest level that is written. */
  logLevel = WARN;
  /** Host calls so far. */
  calls = 0;
  #cas = 0;
  #untold: Queue[] = [];

  advance(milliseconds: number): void {
    this.now += BigInt(Math.round(milliseconds * 1e6));
  }

  define(type: number, name: string, holder: object): Stat {
    const key = `${type} ${name}`;
    const stat = this.stats.get(key) ?? { type, name, value: 0n, count: 0, holders: new Set() };
    stat.holders.add(holder);
    this.stats.set(key, stat);
    return stat;
  }

  /** Drops a VM's hold on all of its stats. */
  release(holder: object): void {
    for (const [key, stat] of this.stats) {
      if (stat.holders.delete(holder) && stat.holders.size === 0) this.stats.delete(key);
    }
  }

  /** False where another version is there. */
  write(key: string, value: Uint8Array, cas: number): boolean {
    const before = this.shared.get(key);
    if (before !== undefined && cas !== 0 && cas !== before.cas) return false;
    this.#cas += 1;
    this.shared.set(key, { value, cas: this.#cas });
    return true;
  }

  /** Registers a queue, or takes it over with its messages. */
  register(name: string, tell: () => void): Queue {
    const queue = this.queues.get(name) ?? { token: this.queues.size + 1, messages: [], tell };
    queue.tell = tell;
    this.queues.set(name, queue);
    return queue;
  }

  queue(token: number): Queue | undefined {
    return [...this.queues.values()].find((queue) => queue.token === token);
  }

  /** A message is heard of later, not within the callback that sends it. */
  enqueue(queue: Queue, message: Uint8Array): void {
    queue.messages.push(message);
    this.#untold.push(queue);
  }

  /** Tells of all messages that were sent. */
  deliver(): void {
    for (let queue = this.#untold.shift(); queue !== undefined; queue = this.#untold.shift()) queue.tell();
  }

  /** Counters and gauges as a scrape would have them: labels cut out of the stats' names by the sidecar's expressions. */
  samples(): Sample[] {
    return [...this.stats.values()].filter(({ type }) => type !== HISTOGRAM).map(sampleOf);
  }
}

function sampleOf({ name: full, value }: Stat): Sample {
  let name = full;
  const labels: Record<string, string> = {};
  for (const tag of TAGS) {
    const found = tag.pattern.exec(full);
    if (found === null) continue;
    labels[tag.name] = found[2] ?? "";
    name = name.replace(found[1] ?? "", "");
  }
  return { name, labels, value: Number(value) };
}
