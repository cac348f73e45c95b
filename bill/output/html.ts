// SPDX-License-Identifier: Apache-2.0
/**
 * The bill as one HTML page for a browser or a printer: no script, nothing loaded, every text escaped.
 */
import type { Bill, BillRow, VendorBill } from "../bill.ts";
import { DIMENSIONS } from "../usage/model.ts";
import { COLUMNS } from "./columns.ts";
import { chargeText, excludedTexts, headText, lossText, sourceText } from "./words.ts";

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .25rem .6rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { overflow-wrap: anywhere; text-align: left; white-space: normal; }
tr.total td { font-weight: 600; }
caption { font-weight: 600; padding: .8rem 0 .3rem; text-align: left; }
.scroll { overflow-x: auto; }
@media print { body { margin: 0; max-width: none; } h2 { break-before: page; } h2:first-of-type { break-before: auto; } }
`;

export function billHtml(bill: Bill): string {
  const talk = [sourceText(bill), ...(bill.loss ? [lossText(bill.loss)] : []), ...bill.notes];
  const totals = bill.totals.map(({ currency, cost }) => `all vendors: ${cost} ${currency}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Proxy bill</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Proxy bill</h1>
${list([...totals, ...talk])}
${bill.vendors.map(vendorPart).join("\n")}
</body>
</html>
`;
}

function vendorPart(bill: VendorBill): string {
  const columns = COLUMNS.filter(({ name }) => bill.total[name] !== undefined);
  const head = (first: string) => row([first, ...columns.map(({ title }) => title)], "th");
  const cells = (label: string, one: BillRow) => [label, ...columns.map((column) => column.text(one, bill))];
  const total = table("Total", [head(""), row(cells("total", bill.total), "td", "total")]);
  const splits = DIMENSIONS.filter((dimension) => bill.splits[dimension].length > 0).map((dimension) =>
    table(`By ${dimension}`, [
      head(dimension),
      ...bill.splits[dimension].map((one) => row(cells(one.value, one), "td")),
    ]),
  );
  const left = excludedTexts(bill.excluded).map((text) => `not billed: ${text}`);
  const charges = bill.charges.map((charge) => chargeText(charge, bill));
  return [`<h2>${escaped(headText(bill))}</h2>`, total, list([...charges, ...left]), ...splits].join("\n");
}

function table(caption: string, [head = "", ...rows]: readonly string[]): string {
  const body = `<thead>${head}</thead><tbody>\n${rows.join("\n")}\n</tbody>`;
  return `<div class="scroll"><table><caption>${escaped(caption)}</caption>${body}</table></div>`;
}

function row(cells: readonly string[], tag: "th" | "td", kind = ""): string {
  const marked = cells.map((cell) =>
    tag === "th" ? `<th scope="col">${escaped(cell)}</th>` : `<td>${escaped(cell)}</td>`,
  );
  return `<tr${kind && ` class="${kind}"`}>${marked.join("")}</tr>`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "" : `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
