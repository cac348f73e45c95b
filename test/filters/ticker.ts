// SPDX-License-Identifier: Apache-2.0
/**
 * A filter of a root context alone: counts its ticks in shared data, over all VMs of the process, and shows the count as a gauge.
 * Where another VM has written in between, the next tick tries again.
 */
import {
  Gauge,
  GetSharedData,
  get_shared_data,
  LogLevelValues,
  log,
  logs,
  RootContext,
  registerRootContext,
  set_shared_data,
  set_tick_period_milliseconds,
  WasmResultValues,
} from "../../filter/as-proxy-wasm/index.ts";

export * from "../../filter/as-proxy-wasm/proxy";

const KEY: string = "sample/ticks";

class TickerRoot extends RootContext {
  ticks: Gauge = new Gauge("sample_ticks");

  onConfigure(configuration_size: u32): bool {
    super.onConfigure(configuration_size);
    set_tick_period_milliseconds(<u32>parseInt(this.getConfiguration()));
    return true;
  }

  onTick(): void {
    const before: GetSharedData = get_shared_data(KEY);
    const bytes: ArrayBuffer | null = before.value;
    const count: u64 = bytes === null || bytes.byteLength !== 8 ? 1 : load<u64>(changetype<usize>(bytes)) + 1;
    const after: ArrayBuffer = new ArrayBuffer(8);
    store<u64>(changetype<usize>(after), count);
    if (set_shared_data(KEY, after, before.cas) !== WasmResultValues.Ok) return;
    this.ticks.set(count);
    if (logs(LogLevelValues.debug)) log(LogLevelValues.debug, `tick ${count}`);
  }
}

registerRootContext((context_id: u32) => new TickerRoot(context_id), "sample_ticker");
