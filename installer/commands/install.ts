// SPDX-License-Identifier: Apache-2.0
/**
 * The `install` subcommand: its options and help, and what of them makes the wish. Planning and doing are in installer/install/.
 */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { askRegistry, resolveHost } from "../checks/probes.ts";
import type { Report } from "../checks/run.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { endingCheck } from "../install/ending-check.ts";
import { follow } from "../install/follow.ts";
import { missingImageWarning, pinnedImage } from "../install/image.ts";
import type { Wish } from "../install/prepare.ts";
import { type Record, readRecord, readStoredRecord, recordReference, type Request } from "../install/record.ts";
import { carryOut } from "../install/session.ts";
import { nameOf } from "../objects/object.ts";
import { openPrometheus } from "../prometheus/open.ts";
import type { VendorsFile } from "../vendors/model.ts";
import { resolveDigest } from "../publish/resolve.ts";
import { parseVendors, readVendorsFile } from "../vendors/read.ts";
import { bringIstio } from "../istio/session.ts";
import { type IstioFlags, istioOptions, istioOptionsOf } from "./istio.ts";
import { type Control, clusterOptions, openCluster } from "./options.ts";
import { say } from "./output.ts";
import { PART_FLAGS, type PartFlags, partOptions, partsOf } from "./parts.ts";
import { occasionally } from "./progress.ts";
import { RELEASE } from "../release.ts";
import { istioOf, type SessionFlags, sessionOf, sessionOptions } from "./session.ts";

interface InstallFlags extends SessionFlags, IstioFlags, PartFlags {
  file?: string;
  recorded?: boolean;
  watch?: boolean;
  check: boolean;
  image?: string;
  pullSecret?: string;
  namespaces: string[];
  statTags?: Request["statTags"];
}

const DETAILS = `
Shows what it will change and which open connections that cuts, asks, applies, and waits until every running pod of the
opted-in namespaces shows the filter. No pod restarts. Running it again changes nothing. What vendors.yaml no longer names
leaves the filter's configuration at once, which cuts nothing; its listeners stay until you give --drain. Image, pull secret,
stat tags, monitor, catch-all, telemetry, access log, ledger and dashboards stay as the last installation had them where you say nothing.

Ends with the checks of \`proxymeter check\`, and says on stderr what does not pass; --wait 0 leaves them out, since pods
could not have taken anything yet. With --watch it stays, installs in each namespace that gets the opt-in label, without
asking again, and ends with Ctrl-C.

Istio must be there, unless --istio install is given: then istioctl, yours, installs it first with an overlay that the plan
shows (our stat tags in meshConfig.defaultConfig), after one question for all of it. What is recorded as installed so is
upgraded in place by a newer istioctl, and taken out by \`uninstall --istio\`; an Istio of others is refused, not touched.

Exit status: 0 when all pods show the filter and no check fails, 1 when something failed (run it again: it goes on; after a
failed check everything is applied all the same), 2 for a mistake in the options or in vendors.yaml, or when nobody could be
asked, 130 for Ctrl-C before it was done.

Examples:
  proxymeter install -f vendors.yaml --image oci://registry.example/proxymeter@sha256:... --namespaces crawl
  proxymeter install -f vendors.yaml --dry-run
  proxymeter install -f vendors.yaml -y --drain -o json
  proxymeter install --recorded --watch -y
  proxymeter install -f vendors.yaml --namespaces crawl --istio install --istioctl ./istio-1.31.0/bin/istioctl`;

/** What the record has, and so nobody may say beside it. */
const REQUESTING = ["file", "image", "pullSecret", "statTags", ...PART_FLAGS];

/** The subcommand, for a program that calls it `proxymeter install`. */
export function installCommand(control: Control): Command {
  const command = new Command("install")
    .description("meter the opted-in namespaces: plan, apply, and wait for the pods")
    .option("-f, --file <vendors.yaml>", "the vendors; - for standard input")
    .addOption(
      new Option(
        "--recorded",
        "install again what the last installation recorded, in all labelled namespaces",
      ).conflicts(REQUESTING),
    )
    .addOption(new Option("--watch", "stay, and install in namespaces that get the opt-in label").conflicts(["dryRun"]))
    .option("--no-check", "do not end with the checks of `proxymeter check`")
    .option(
      "--image <reference>",
      "the filter, oci://HOST/REPOSITORY with a digest, or a tag to resolve (default: vendors.yaml's, or the installed one)",
    )
    .option("--pull-secret <name>", "pull secret for the image in each opted-in namespace")
    .option("--namespaces <list>", "opt these namespaces in too, separated by commas", names, [])
    .addOption(
      new Option(
        "--stat-tags <where>",
        "mesh: add our labels to the mesh configuration, for pods that start from now on; none: leave it alone (default: mesh)",
      ).choices(["mesh", "none"]),
    );
  return sessionOptions(istioOptions(clusterOptions(partOptions(command))))
    .addHelpText("after", DETAILS)
    .action((flags: InstallFlags) => install(flags, control));
}

async function install(flags: InstallFlags, control: Control): Promise<void> {
  const cluster = openCluster(flags, control);
  const asked = flags.recorded ? await recordedWish(cluster, flags) : await writtenWish(cluster, flags, control);
  const session = sessionOf("the installation", cluster, flags, control);
  const brought =
    flags.istio === "install"
      ? await bringIstio(cluster, asked, istioOptionsOf(flags, cluster, control), session)
      : undefined;
  if (brought?.isOver) return;
  // What was recorded since is our own.
  const wish = brought ? { ...brought.wish, recordVersion: undefined } : asked;
  const isConfirmed = session.isConfirmed || (brought?.isConfirmed ?? false);
  const options = { ...session, isConfirmed, also: brought?.document, check: checkOf(wish, flags, control) };
  const { namespaces, failure } = await carryOut(cluster, wish, options);
  if (!flags.watch) {
    if (failure) throw failure;
    return;
  }
  // Everything is applied: what is not in order now does not keep other namespaces waiting.
  if (failure) say(`${failure.message}\nhint: ${failure.hint}`);
  await follow(cluster, {
    namespaces,
    install: async () => {
      const again = { ...(await recordedWish(cluster, flags)), optIn: [], shouldDrain: false };
      const ended = await carryOut(cluster, again, { ...session, isConfirmed: true });
      if (ended.failure) say(ended.failure.message);
      return ended.namespaces;
    },
    say,
    ...control,
  });
}

function wishOf(flags: InstallFlags, request: Request, vendorsName: string, command: Record["command"]): Wish {
  return {
    request,
    vendorsName,
    systemNamespace: flags.namespace,
    optIn: flags.namespaces,
    shouldDrain: flags.drain ?? false,
    command,
    istio: istioOf(flags),
    release: RELEASE,
  };
}

async function writtenWish(cluster: Cluster, flags: InstallFlags, control: Control): Promise<Wish> {
  if (flags.file === undefined) {
    throw new ProxymeterError(
      "E_NO_VENDORS",
      "cannot install: no vendors are named (expected -f, or --recorded)",
      "write a vendors.yaml with `proxymeter init` and give -f vendors.yaml",
      { exitCode: 2 },
    );
  }
  const vendors = readText(flags.file);
  const request = await requestOf(cluster, flags, vendors, parseVendors(vendors, flags.file), control);
  return wishOf(flags, request, flags.file, "install");
}

/** The record keeps saying what made it so: doing it again is no other installation. */
async function recordedWish(cluster: Cluster, flags: InstallFlags): Promise<Wish> {
  const stored = await readStoredRecord(cluster, flags.namespace);
  if (stored) {
    const { record, version: recordVersion } = stored;
    return { ...wishOf(flags, record.current, "the recorded vendors.yaml", record.command), recordVersion };
  }
  throw new ProxymeterError(
    "E_NO_RECORD",
    `cannot install what is recorded: found no installation in ${nameOf(recordReference(flags.namespace))}`,
    "give -n, or install with -f vendors.yaml first",
    { exitCode: 2 },
  );
}

/** Ended by the first Ctrl-C, since it changes nothing. */
function checkOf(wish: Wish, flags: InstallFlags, control: Control): (() => Promise<Report>) | undefined {
  if (!flags.check || flags.wait === 0) return undefined;
  const signal = AbortSignal.any([control.finish, control.abort]);
  const cluster = openCluster(flags, { ...control, abort: signal });
  return () =>
    endingCheck(cluster, {
      vendors: parseVendors(wish.request.vendors, wish.vendorsName),
      systemNamespace: wish.systemNamespace,
      istio: wish.istio,
      probes: {
        resolve: resolveHost,
        image: askRegistry,
        prometheus: () => openPrometheus({ cluster, signal }),
      },
      progress: occasionally(),
    });
}

async function requestOf(
  cluster: Cluster,
  flags: InstallFlags,
  vendors: string,
  file: VendorsFile,
  { abort }: Control,
): Promise<Request> {
  const before = (await readRecord(cluster, flags.namespace))?.current;
  const image = flags.image ?? file.filter?.image ?? before?.image;
  if (image === undefined) {
    throw new ProxymeterError(
      "E_NO_IMAGE",
      "cannot install: no image of the filter is named (expected --image, or filter.image in vendors.yaml)",
      "push one with `proxymeter publish`, which prints what to give here",
      { exitCode: 2 },
    );
  }
  const pinned = await pinnedImage(image, (reference) => resolveDigest(reference, { signal: abort }));
  const warning = pinned === before?.image ? undefined : await missingImageWarning(pinned, askRegistry);
  if (warning !== undefined) say(warning);
  const hasPodMonitor = () => cluster.hasKind("monitoring.coreos.com/v1", "PodMonitor");
  const monitor = flags.monitor ?? before?.parts.monitor ?? ((await hasPodMonitor()) ? "pod-monitor" : "scrape-config");
  const pullSecret = flags.pullSecret ?? file.filter?.pullSecret ?? before?.pullSecret;
  const statTags = flags.statTags ?? before?.statTags ?? "mesh";
  return {
    vendors,
    image: pinned,
    ...(pullSecret !== undefined && { pullSecret }),
    statTags,
    parts: partsOf(flags, before?.parts, monitor),
  };
}

/** The text as it stands, for the record; what is wrong with the file is said by its reader. */
function readText(path: string): string {
  if (path === "-") return readFileSync(0, "utf8");
  readVendorsFile(path);
  return readFileSync(path, "utf8");
}

function names(text: string, before: string[]): string[] {
  const given = text.split(",").map((name) => name.trim());
  const wrong = given.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`found "${wrong}" (expected names of namespaces)`);
  return [...before, ...given];
}
