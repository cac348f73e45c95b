// SPDX-License-Identifier: Apache-2.0
/**
 * A proposal as the member `vendors` of a vendors.yaml: sure vendors switched on, the others behind "#", each with where it was found.
 * Decides nothing.
 */
import { Document, isScalar, isSeq, visit } from "yaml";
import { DEFAULTS } from "./defaults.ts";
import type { Proposal, ProposedGateway, ProposedVendor } from "./proposal.ts";

const MOST_SOURCES = 4;
const INDENT = "  ";

export function vendorsText({ vendors, notes }: Proposal): string {
  const sure = vendors.filter(({ isSure }) => isSure);
  const others = vendors.filter(({ isSure }) => !isSure);
  return [
    ...(sure.length > 0 ? ["vendors:"] : others.length > 0 ? [] : ["vendors: []"]),
    ...sure.flatMap((vendor) => [...sourceLines(vendor), ...vendorLines(vendor)]),
    ...(others.length > 0 ? othersLines(others, sure.length === 0) : []),
    ...(notes.length > 0
      ? ["", "# Seen in the cluster, and not proposed:", ...notes.map((note) => `# - ${oneLine(note)}`)]
      : []),
    "",
  ].join("\n");
}

function othersLines(others: readonly ProposedVendor[], isAlone: boolean): string[] {
  return [
    "",
    '# These may be proxy vendors, or any other service outside the mesh. Take out the "#" of those that are.',
    ...(isAlone ? ["#vendors:"] : []),
    ...others.flatMap((vendor) => [...sourceLines(vendor), ...vendorLines(vendor).map((line) => `#${line}`)]),
  ];
}

function sourceLines({ sources, username }: ProposedVendor): string[] {
  const shown = sources.slice(0, MOST_SOURCES).join(", ");
  const more = sources.length > MOST_SOURCES ? ` and ${sources.length - MOST_SOURCES} more` : "";
  const hint = username && "The username pattern is a guess from the known words in one username.";
  return [`${INDENT}# From ${oneLine(shown)}${more}.`, ...(hint ? [`${INDENT}# ${hint}`] : [])];
}

function vendorLines({ name, gateways, username }: ProposedVendor): string[] {
  const document = new Document([{ name, gateways: gateways.map(written), ...(username && { username }) }]);
  visit(document, {
    Seq(_, node) {
      if (node.items.every(isScalar)) node.flow = true;
    },
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === "username" && !isSeq(value)) Object.assign(value ?? {}, { flow: true });
    },
  });
  const text = document.toString({ flowCollectionPadding: false, lineWidth: 120 });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => INDENT + line);
}

/** Without what is the default anyway. */
function written({ host, addresses, ports, protocol }: ProposedGateway) {
  return {
    ...(host !== undefined && { host }),
    ...(addresses.length > 0 && { addresses }),
    ports,
    ...(protocol !== DEFAULTS.gateway.protocol && { protocol }),
  };
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
