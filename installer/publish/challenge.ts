// SPDX-License-Identifier: Apache-2.0
/**
 * What a registry asks for when it answers 401: the header WWW-Authenticate, read. Answering it is session.ts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */

export interface Challenge {
  /** Lower case. */
  scheme: string;
  /** Names in lower case. */
  parameters: ReadonlyMap<string, string>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = new RegExp(`^(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`);
const SCHEME = new RegExp(`^(${TOKEN})(?=[\\s,]|$)`);

/**
 * The challenges of one header, or of several that were joined by commas, in order.
 * What cannot be read ends the reading: what came before it stays.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let rest = header.replace(/^[\s,]+/, "");
  while (rest !== "") {
    const [pair, name = "", quoted, plain = ""] = PARAMETER.exec(rest) ?? [];
    const current = challenges.at(-1);
    const [word, scheme = ""] = SCHEME.exec(rest) ?? [];
    if (pair !== undefined && current) {
      current.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain);
    } else if (pair === undefined && word !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    } else break;
    rest = rest.slice((pair ?? word ?? "").length).replace(/^[\s,]+/, "");
  }
  return challenges;
}

/** The challenge to answer: a token where one is offered, because a password need not travel with every request then. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.has("realm"));
  return bearer ?? challenges.find(({ scheme }) => scheme === "basic");
}
