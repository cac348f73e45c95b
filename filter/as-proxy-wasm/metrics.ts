// SPDX-License-Identifier: Apache-2.0
/**
 * Counters, gauges and histograms of the host. Increments are 64 bits wide. A metric that the host refuses has the id 0, which
 * the host does not know: what is done to it then does nothing.
 * Envoy keeps a stat while a VM lives that has defined it, and every definition costs it an identifier: define once.
 */
import { addressOf, encode, numberSlot } from "./answer.ts";
import { proxy_define_metric, proxy_get_metric, proxy_increment_metric, proxy_record_metric } from "./env.ts";
import { MetricTypeValues, WasmResultValues } from "./values.ts";

export class MetricResult {
  result: WasmResultValues = WasmResultValues.Ok;
  metric_id: u32 = 0;
}

export function define_metric(type: MetricTypeValues, name: string): MetricResult {
  const bytes: ArrayBuffer = encode(name);
  const answer: MetricResult = new MetricResult();
  answer.result = proxy_define_metric(type, addressOf(bytes), bytes.byteLength, numberSlot);
  if (answer.result === WasmResultValues.Ok) answer.metric_id = load<u32>(numberSlot);
  return answer;
}

/** Adds to a counter (more than 0) or to a gauge. */
export function increment_metric(metric_id: u32, offset: i64): WasmResultValues {
  return proxy_increment_metric(metric_id, offset);
}

/** Sets a gauge, adds a sample to a histogram. */
export function record_metric(metric_id: u32, value: u64): WasmResultValues {
  return proxy_record_metric(metric_id, value);
}

export class MetricData {
  result: WasmResultValues = WasmResultValues.Ok;
  data: u64 = 0;
}

/** Value of a counter or gauge, over all VMs of the process. */
export function get_metric(metric_id: u32): MetricData {
  const answer: MetricData = new MetricData();
  answer.result = proxy_get_metric(metric_id, numberSlot);
  if (answer.result === WasmResultValues.Ok) answer.data = load<u64>(numberSlot);
  return answer;
}

class Metric {
  metric_id: u32;

  constructor(type: MetricTypeValues, name: string) {
    this.metric_id = define_metric(type, name).metric_id;
  }
}

export class Counter extends Metric {
  constructor(name: string) {
    super(MetricTypeValues.Counter, name);
  }

  increment(offset: i64): WasmResultValues {
    return increment_metric(this.metric_id, offset);
  }
}

export class Gauge extends Metric {
  constructor(name: string) {
    super(MetricTypeValues.Gauge, name);
  }

  increment(offset: i64): WasmResultValues {
    return increment_metric(this.metric_id, offset);
  }

  /** Sets it. The public SDKs ask for the id as well. */
  record(_metric_id: u32, value: u64): WasmResultValues {
    return this.set(value);
  }

  set(value: u64): WasmResultValues {
    return record_metric(this.metric_id, value);
  }
}

export class Histogram extends Metric {
  constructor(name: string) {
    super(MetricTypeValues.Histogram, name);
  }

  /** Adds a sample. The public SDKs ask for the id as well. */
  record(_metric_id: u32, value: u64): WasmResultValues {
    return this.sample(value);
  }

  sample(value: u64): WasmResultValues {
    return record_metric(this.metric_id, value);
  }
}
