// SPDX-License-Identifier: Apache-2.0
/**
 * From a series to the name of its stat, in the encoding that this sidecar can turn into labels.
 * Full: every label by the sidecar's `extraStatTags`. Built-in: the few labels that fit the tags every Istio sidecar has
 * (`wasm_filter`, `component`, `cache`, `tag`, `response_code`), which the scrape renames.
 */
import { DOT, UNDERSCORE, writeDecimal, writeText } from "./core/bytes.ts";
import * as contract from "./core/contract.ts";
import * as families from "./core/families.ts";
import { outcomeName, resultName } from "./core/outcome.ts";
import { appendLabel, appendTextLabel, STAT_NAME_CAPACITY } from "./core/stat-name.ts";
import { Name, nameBytes } from "./names.ts";
import {
  packedCode,
  packedKind,
  packedOutcome,
  packedProtocol,
  packedReason,
  packedResult,
  packedVersion,
  Series,
} from "./series.ts";

/** Address of the name that was written last. */
export const statName: usize = memory.data(STAT_NAME_CAPACITY);
const number: usize = memory.data(16);

let builtin: bool = false;

/** Chooses the encoding; that of names written before stays. */
export function useBuiltinTags(use: bool): void {
  builtin = use;
}

export function usesBuiltinTags(): bool {
  return builtin;
}

/** Writes the stat's name into `statName`; returns its length. */
export function writeStatName(series: Series): i32 {
  return builtin ? writeBuiltin(series) : writeFull(series);
}

function writeFull(series: Series): i32 {
  const labels: i32 = families.familyLabels(series.family);
  const packed: i32 = series.packed;
  let n: i32 = 0;
  if (labels & families.HAS_VENDOR) n = appendName(n, contract.LABEL_VENDOR, series.vendor);
  if (labels & families.HAS_POOL) n = appendName(n, contract.LABEL_POOL, series.pool);
  if (labels & families.HAS_COUNTRY) n = appendName(n, contract.LABEL_COUNTRY, series.auxiliary);
  if (labels & families.HAS_DESTINATION) n = appendName(n, contract.LABEL_DESTINATION, series.destination);
  if (labels & families.HAS_PROTOCOL)
    n = appendText(n, contract.LABEL_PROTOCOL, families.protocolName(packedProtocol(packed)));
  if (labels & families.HAS_VERSION)
    n = appendText(n, contract.LABEL_PROTOCOL_VERSION, families.versionName(packedVersion(packed)));
  if (labels & families.HAS_CODE) {
    n = appendLabel(
      <i32>statName,
      n,
      contract.LABEL_RESPONSE_CODE,
      <i32>number,
      writeDecimal(<i32>number, packedCode(packed)),
    );
  }
  if (labels & families.HAS_OUTCOME) n = appendText(n, contract.LABEL_OUTCOME, outcomeName(packedOutcome(packed)));
  if (labels & families.HAS_KIND) n = appendText(n, contract.LABEL_KIND, families.kindName(packedKind(packed)));
  if (labels & families.HAS_RESULT) n = appendText(n, contract.LABEL_RESULT, resultName(packedResult(packed)));
  if (labels & families.HAS_REASON) n = appendText(n, contract.LABEL_REASON, families.reasonName(packedReason(packed)));
  if (labels & families.HAS_EXTRA && series.auxiliary !== 0) n = appendName(n, contract.LABEL_EXTRA, series.auxiliary);
  return n + writeText(<i32>statName + n, families.familyName(series.family));
}

function appendName(at: i32, label: string, value: usize): i32 {
  const text: Name = changetype<Name>(value);
  return appendLabel(<i32>statName, at, label, <i32>nameBytes(text), text.length);
}

function appendText(at: i32, label: string, value: string): i32 {
  return appendTextLabel(<i32>statName, at, label, value);
}

/** `wasm_filter.VENDOR.component.POOL.cache.PROTOCOL.tag.DESTINATION;.NAME`; the slots come before `tag`. */
function writeBuiltin(series: Series): i32 {
  const labels: i32 = families.familyLabels(series.family);
  let n: i32 = 0;
  if (labels & families.HAS_VENDOR) n = appendSlot(n, contract.SLOT_VENDOR, series.vendor);
  if (labels & families.HAS_POOL) n = appendSlot(n, contract.SLOT_POOL, series.pool);
  if (labels & families.HAS_COUNTRY) n = appendSlot(n, contract.SLOT_POOL, series.auxiliary);
  n = appendCacheSlot(n, labels, series.packed);
  if (labels & families.HAS_DESTINATION) {
    n += writeText(<i32>statName + n, contract.SLOT_DESTINATION);
    n = appendDotted(n, series.destination);
    n += writeText(<i32>statName + n, ";.");
  }
  if (series.family !== families.REQUESTS) return n + writeText(<i32>statName + n, families.familyName(series.family));
  n += writeText(<i32>statName + n, contract.REQUESTS_BUILTIN);
  return appendCode(n, packedCode(series.packed));
}

/** The slot holds the one small label of the family: protocol, or outcome, kind, result or reason. */
function appendCacheSlot(at: i32, labels: i32, packed: i32): i32 {
  if (labels & families.HAS_PROTOCOL) return appendTextSlot(at, families.protocolName(packedProtocol(packed)));
  if (labels & families.HAS_OUTCOME) return appendTextSlot(at, outcomeName(packedOutcome(packed)));
  if (labels & families.HAS_KIND) return appendTextSlot(at, families.kindName(packedKind(packed)));
  if (labels & families.HAS_RESULT) return appendTextSlot(at, resultName(packedResult(packed)));
  return labels & families.HAS_REASON ? appendTextSlot(at, families.reasonName(packedReason(packed))) : at;
}

function appendTextSlot(at: i32, value: string): i32 {
  let n: i32 = at + writeText(<i32>statName + at, contract.SLOT_SMALL);
  n += writeText(<i32>statName + n, value);
  store<u8>(statName + n, <u8>DOT);
  return n + 1;
}

/** A slot ends at the next dot, so its value holds none. */
function appendSlot(at: i32, slot: string, value: usize): i32 {
  const start: i32 = at + writeText(<i32>statName + at, slot);
  const end: i32 = appendDotted(start, value);
  for (let i: i32 = start; i < end; i++) {
    if (load<u8>(statName + i) === DOT) store<u8>(statName + i, <u8>UNDERSCORE);
  }
  store<u8>(statName + end, <u8>DOT);
  return end + 1;
}

function appendDotted(at: i32, value: usize): i32 {
  const text: Name = changetype<Name>(value);
  memory.copy(statName + at, nameBytes(text), text.length);
  return at + text.length;
}

/** Three digits: the sidecar's own tag for response codes takes them off the name. */
function appendCode(at: i32, code: i32): i32 {
  let n: i32 = at;
  if (code < 100) n += writeText(<i32>statName + n, code < 10 ? "00" : "0");
  return n + writeDecimal(<i32>statName + n, code);
}
