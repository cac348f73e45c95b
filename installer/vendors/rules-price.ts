// SPDX-License-Identifier: Apache-2.0
/**
 * Rules about prices and bills: days in order, one price for a day and volume, no budget without a currency, zones that exist.
 */
import { DEFAULTS } from "./defaults.ts";
import { type Mistake, pathText, quoted } from "./mistake.ts";
import type { Rule } from "./rules.ts";
import { isWhole } from "./written.ts";

/** After every day that can be written. */
const OPEN = "9999-99-99";

export const PRICE_RULES: readonly Rule[] = [
  function daysAreInOrder({ vendors = [] }) {
    return vendors.flatMap((vendor, index) =>
      (vendor?.price?.tiers ?? []).flatMap((tier, item): Mistake[] => {
        const { from = DEFAULTS.tier.from, until = OPEN } = tier ?? {};
        if (from <= until || !isWhole(tier ?? {})) return [];
        const path = ["vendors", index, "price", "tiers", item, "until"];
        return [{ path, text: `found ${quoted(until)}, expected a day not before ${quoted(from)} (from)` }];
      }),
    );
  },

  function tiersAreApart({ vendors = [] }) {
    return vendors.flatMap((vendor, index) => {
      const path = ["vendors", index, "price", "tiers"];
      const tiers = (vendor?.price?.tiers ?? []).flatMap((tier, item) => {
        if (tier === undefined || !isWhole(tier)) return [];
        const { from = DEFAULTS.tier.from, until = OPEN, aboveGB = DEFAULTS.tier.aboveGB } = tier;
        return from <= until ? [{ from, until, aboveGB, path: [...path, item] }] : [];
      });
      return tiers.flatMap((tier, item): Mistake[] => {
        const other = tiers
          .slice(0, item)
          .find(({ from, until, aboveGB }) => aboveGB === tier.aboveGB && from <= tier.until && tier.from <= until);
        if (other === undefined) return [];
        const until = tier.until === OPEN ? "open" : tier.until;
        const text = `found days ${tier.from} to ${until}, expected days apart from those of ${pathText(other.path)}, which has the same aboveGB`;
        return [{ path: tier.path, text }];
      });
    });
  },

  function budgetsHaveACurrency({ vendors = [] }) {
    return vendors.flatMap((vendor, index): Mistake[] => {
      if (vendor?.alerts?.monthlyBudget === undefined || "price" in vendor) return [];
      const path = ["vendors", index, "alerts", "monthlyBudget"];
      return [
        {
          path,
          text: "found a budget without price, expected the vendor to have a price (its currency is the budget's)",
        },
      ];
    });
  },

  function zonesAreKnown({ vendors = [] }) {
    return vendors.flatMap((vendor, index): Mistake[] => {
      const zone = vendor?.billing?.zone;
      if (zone === undefined || isKnownZone(zone)) return [];
      const path = ["vendors", index, "billing", "zone"];
      return [{ path, text: `found ${quoted(zone)}, expected a zone of the IANA database such as "Europe/Berlin"` }];
    });
  },
];

function isKnownZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}
