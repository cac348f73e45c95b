// SPDX-License-Identifier: Apache-2.0
/**
 * The running sums of one relay: totals, and their split by destination.
 * Pure counting: what belongs to which destination is decided by the readers in this folder.
 */

/** Sums of one destination. Bytes that belong to no readable request have the host "". */
export interface DestinationTotals {
  host: string;
  requests: number;
  /** Bytes towards the vendor. */
  sentBytes: number;
  /** Bytes towards the crawler. */
  receivedBytes: number;
}

export class Books {
  readonly #destinations = new Map<string, DestinationTotals>();

  request(host: string): void {
    this.#of(host).requests += 1;
  }

  sent(host: string, bytes: number): void {
    if (bytes > 0) this.#of(host).sentBytes += bytes;
  }

  received(host: string, bytes: number): void {
    if (bytes > 0) this.#of(host).receivedBytes += bytes;
  }

  /** Copies, ordered by host. */
  destinations(): DestinationTotals[] {
    const rows = [...this.#destinations.values()].map((row) => ({ ...row }));
    return rows.sort((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0));
  }

  #of(host: string): DestinationTotals {
    const known = this.#destinations.get(host);
    if (known) return known;
    const row = { host, requests: 0, sentBytes: 0, receivedBytes: 0 };
    this.#destinations.set(host, row);
    return row;
  }
}
