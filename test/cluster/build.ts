// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the binaries of a Go module folder once per content of its go.mod and go.sum, and keeps them below .tools/cluster/.
 * When the module proxy no longer serves a pin, builds the newest versions instead and says so.
 */
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { execa } from "execa";
import type { Binary, GoModule } from "./go-modules.ts";
import { repin } from "./pins.ts";

const HEARTBEAT_MS = 30_000;
const NOT_SERVED = /403 Forbidden|404 Not Found|410 Gone|not available|unknown revision/;

type Announce = (line: string) => void;

export interface BuildPlace {
  /** Holds one folder per Go module. */
  readonly sources: string;
  /** Finished builds go here, in a folder named after the module and its pins. */
  readonly cache: string;
  readonly announce: Announce;
}

/**
 * The folder that holds the module's binaries and files; builds them first where needed.
 *
 * @throws Error with the last lines of the compiler when neither the pins nor the newest versions can be built
 */
export async function build(module: GoModule, place: BuildPlace): Promise<string> {
  const source = `${place.sources}/${module.name}`;
  try {
    return await buildFolder(module, source, place);
  } catch (error) {
    if (!NOT_SERVED.test((error as Error).message)) throw error;
    place.announce(
      `WARNING: the Go module proxy does not serve a version pinned in test/cluster/go/${module.name}/go.mod`,
    );
    place.announce("WARNING: building the NEWEST versions instead; results may differ from the pinned ones");
    place.announce("WARNING: `npx node test/cluster/bump.ts` moves the pins for good");
  }
  const newest = `${place.cache}/newest-${module.name}`;
  rmSync(newest, { recursive: true, force: true });
  cpSync(source, newest, { recursive: true });
  await repin(module, newest, place.announce);
  return buildFolder(module, newest, place);
}

/** Name of a finished build: the module and a digest of everything that decides what is built. */
export function buildName(module: GoModule, source: string): string {
  const digest = createHash("sha256").update(JSON.stringify(module));
  for (const file of ["go.mod", "go.sum", "main.go"]) {
    if (existsSync(`${source}/${file}`)) digest.update(readFileSync(`${source}/${file}`));
  }
  return `${module.name}-${digest.digest("hex").slice(0, 12)}`;
}

async function buildFolder(module: GoModule, source: string, place: BuildPlace): Promise<string> {
  const finished = `${place.cache}/${buildName(module, source)}`;
  if (existsSync(finished)) return finished;
  const draft = `${finished}.draft-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    const { version, folder } = await locate(module, source);
    place.announce(`building ${module.root} ${version} (minutes when the Go cache is cold)`);
    const link = linkFlags(module, version);
    for (const binary of module.binaries)
      await compile(binary, { source, output: draft, link, announce: place.announce });
    for (const file of module.files) copyFileSync(`${folder}/${file}`, `${draft}/${basename(file)}`);
    // Another run may have built the same meanwhile.
    if (!existsSync(finished)) renameSync(draft, finished);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return finished;
}

/** Version and folder of the root module; downloads it. */
async function locate(module: GoModule, source: string): Promise<{ version: string; folder: string }> {
  const { stdout } = await execa("go", ["mod", "download", "-json", module.root], { cwd: source });
  const found = JSON.parse(stdout) as { Version: string; Dir: string };
  return { version: found.Version, folder: found.Dir };
}

function linkFlags(module: GoModule, version: string): string {
  const stamps = Object.entries(module.stamps).map(
    ([name, value]) => `-X ${name}=${value.replace("{version}", version.slice(1))}`,
  );
  return ["-s -w", ...stamps].join(" ");
}

async function compile(
  binary: Binary,
  to: { source: string; output: string; link: string; announce: Announce },
): Promise<void> {
  const begin = performance.now();
  const seconds = () => Math.round((performance.now() - begin) / 1000);
  const heartbeat = setInterval(
    () => to.announce(`  ${binary.name}: still building after ${seconds()} s`),
    HEARTBEAT_MS,
  );
  const tags = binary.tags ? [`-tags=${binary.tags}`] : [];
  try {
    // Two at a time and at low priority: a developer's machine stays usable.
    const flags = [
      "build",
      "-p",
      "2",
      "-trimpath",
      ...tags,
      `-ldflags=${to.link}`,
      "-o",
      `${to.output}/${binary.name}`,
    ];
    await execa("nice", ["-n", "10", "go", ...flags, binary.package], { cwd: to.source });
    to.announce(`  ${binary.name}: built in ${seconds()} s`);
  } finally {
    clearInterval(heartbeat);
  }
}
