// SPDX-License-Identifier: Apache-2.0
/**
 * What people may write in a vendors.yaml: the model before defaults, with its short forms. The schema says the same to
 * machines, and `defaults.ts` leads from here to the model.
 */
import type {
  AlertPages,
  AlertThresholds,
  BillingProfile,
  Destinations,
  Gateway,
  Headers,
  Limits,
  Price,
  PriceTier,
  UsernamePattern,
  VendorsFile,
} from "./model.ts";

export interface Written {
  apiVersion: string;
  kind?: "Vendors";
  vendors?: WrittenVendor[];
  neverMetered?: string[];
  destinations?: Partial<Destinations>;
  headers?: Partial<Headers>;
  podLabels?: string[];
  extra?: NonNullable<VendorsFile["extra"]>;
  limits?: Partial<Limits>;
  detail?: VendorsFile["detail"];
  filter?: NonNullable<VendorsFile["filter"]>;
  alerts?: Partial<AlertPages>;
}

export interface WrittenVendor {
  name: string;
  gateways?: (WrittenGateway | string)[];
  cidrs?: string[];
  username?: Partial<UsernamePattern>;
  price?: WrittenPrice;
  billing?: Partial<BillingProfile>;
  alerts?: Partial<AlertThresholds>;
}

export type WrittenGateway = Partial<Gateway> & Pick<Gateway, "ports">;

export type WrittenTier = Partial<PriceTier> & Pick<PriceTier, "perGB">;

export interface WrittenPrice extends Omit<Price, "gigabyte" | "tiers"> {
  gigabyte?: Price["gigabyte"];
  tiers?: WrittenTier[];
}

/** Whether nothing of an object was taken out for a mistake, so that defaults stand for what it does not say. */
export function isWhole(object: object): boolean {
  return !Object.values(object).includes(undefined);
}

/** The same with everything absent that has a mistake: what the rules may rely on. Lists keep their places. */
export type Sound<T> = T extends (infer Item)[]
  ? (Sound<Item> | undefined)[]
  : T extends object
    ? { [Member in keyof T]?: Sound<T[Member]> | undefined }
    : T;
