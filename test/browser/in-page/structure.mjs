// SPDX-License-Identifier: Apache-2.0
/**
 * Evaluated in the page: what would trouble a screen reader. Nameless controls and drawings, ids used twice, headings that skip
 * a level, references to nothing, landmarks that are missing.
 */
(() => {
  const nameOf = (element) => {
    const labelled = (element.getAttribute("aria-labelledby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "");
    const label = element.closest("label")?.textContent ?? "";
    return [element.getAttribute("aria-label") ?? "", ...labelled, element.textContent, label, element.title]
      .join("")
      .trim();
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const problems = [];
  for (const element of all(
    "a, button, select, input, summary, [role=img], [role=region], section, article, nav, table",
  )) {
    if (nameOf(element) === "") problems.push(`${element.tagName} has no name`);
  }
  const ids = all("[id]").map(({ id }) => id);
  for (const id of new Set(ids))
    if (ids.filter((other) => other === id).length > 1) problems.push(`id ${id} is used twice`);
  for (const element of all("[aria-labelledby], [aria-controls], [aria-describedby]")) {
    for (const name of ["aria-labelledby", "aria-controls", "aria-describedby"]) {
      const ids = (element.getAttribute(name) ?? "").split(" ").filter(Boolean);
      for (const id of ids) if (document.getElementById(id) === null) problems.push(`${name} leads to no ${id}`);
    }
  }
  const levels = all("h1, h2, h3, h4").map(({ tagName }) => Number(tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) problems.push("not exactly one h1");
  levels.forEach((level, index) => {
    if (index > 0 && level > levels[index - 1] + 1) problems.push(`h${levels[index - 1]} is followed by h${level}`);
  });
  for (const landmark of ["header", "nav", "main"])
    if (all(landmark).length !== 1) problems.push(`not exactly one ${landmark}`);
  for (const table of all("table"))
    if (!table.querySelector("caption") || !table.querySelector("th[scope=col]"))
      problems.push("a table has no caption or no heads");
  if (document.documentElement.lang === "" || document.title === "") problems.push("no language or no title");
  for (const element of all("[tabindex]")) if (element.tabIndex > 0) problems.push("a tabindex above 0");
  return problems;
})();
