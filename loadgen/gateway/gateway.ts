// SPDX-License-Identifier: Apache-2.0
/**
 * What every vendor gateway of the load generator has in common: its options, its address, its credentials rule.
 * Each way of being a gateway is a file beside this one.
 */

export interface GatewayOptions {
  /** Port of the stand-in for the internet, through which the gateway reaches every site. */
  internetPort: number;
  /** With a username the gateway asks for credentials; without one it serves everybody. */
  username?: string;
  password?: string;
}

export interface Gateway {
  host: "127.0.0.1";
  port: number;
  close(): Promise<void>;
}

/**
 * Whether a client's credentials are good. As vendors do it, parameters may follow the username:
 * `customer` also admits `customer-zone-residential-country-de`.
 */
export function isAdmitted(options: GatewayOptions, username: string, password: string): boolean {
  if (options.username === undefined) return true;
  const known = username === options.username || username.startsWith(`${options.username}-`);
  return known && password === (options.password ?? "");
}
