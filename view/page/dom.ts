// SPDX-License-Identifier: Apache-2.0
/**
 * Makes elements. Texts become text nodes and nothing else, so that no name from a metric can ever be markup.
 */

type Child = Node | string;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with its attributes and children; an attribute that is undefined or false is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function svgElement(
  tag: string,
  attributes: Record<string, string>,
  ...children: readonly SVGElement[]
): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button that does something when it is pressed, by whatever means. */
export function button(label: Child, attributes: Attributes, onPress: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", onPress);
  return made;
}

/** A choice among texts with a visible label. */
export function choice(
  label: string,
  options: readonly { value: string; text: string }[],
  chosen: string,
  onChoose: (value: string) => void,
): HTMLLabelElement {
  const select = element(
    "select",
    {},
    ...options.map(({ value, text }) => element("option", { value, selected: value === chosen }, text)),
  );
  select.addEventListener("change", () => onChoose(select.value));
  return element("label", {}, label, select);
}
