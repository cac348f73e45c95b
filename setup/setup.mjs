// SPDX-License-Identifier: Apache-2.0
/**
 * Makes a fresh clone ready to run: npm packages, the compiled filter, Envoy, Prometheus. Does only what is missing or out of date.
 * Plain JavaScript without dependencies for Node 20 and later, because it runs before anything is installed.
 * Optional parts by name: `node setup/setup.mjs --with envoy-oldest`.
 */
import { parseArgs } from "node:util";
import { chromium } from "./chromium.mjs";
import { envoy } from "./envoy.mjs";
import { filter } from "./filter.mjs";
import { withLock } from "./lock.mjs";
import { packages } from "./packages.mjs";
import { amtool, prometheus } from "./prometheus.mjs";
import { SetupError, say } from "./run.mjs";

const REQUIRED = [packages, filter, envoy("envoy"), prometheus];
const OPTIONAL = { "envoy-oldest": envoy("envoy-oldest"), chromium, amtool };
const EXPECTED = `expected --with and one of ${Object.keys(OPTIONAL).join(", ")}`;
const USAGE = "node setup/setup.mjs [--with NAME]...";

function chosenParts() {
  const names = requestedNames();
  const unknown = names.filter((name) => !Object.hasOwn(OPTIONAL, name));
  if (unknown.length > 0)
    throw new SetupError(`cannot set up "${unknown.join('", "')}": no such part (${EXPECTED})`, USAGE);
  return [...REQUIRED, ...names.map((name) => OPTIONAL[name])];
}

function requestedNames() {
  try {
    return parseArgs({ options: { with: { type: "string", multiple: true, default: [] } } }).values.with;
  } catch (error) {
    throw new SetupError(`cannot read the arguments: ${error.message} (${EXPECTED})`, USAGE, { cause: error });
  }
}

async function makeMissing(parts) {
  for (const part of parts) {
    // Asked again under the lock: another set-up may have done it meanwhile.
    if (part.isReady()) continue;
    const start = Date.now();
    say(`${part.title} ...`);
    await part.make();
    say(`${part.title}: done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
}

try {
  const parts = chosenParts();
  if (!parts.every((part) => part.isReady())) await withLock(() => makeMissing(parts));
} catch (error) {
  const known = error instanceof SetupError;
  process.stderr.write(`setup: ${known ? error.message : error.stack}\n${known ? `hint: ${error.hint}\n` : ""}`);
  process.exitCode = 1;
}
