// SPDX-License-Identifier: Apache-2.0
/**
 * The `publish` subcommand: its options and help, and what it prints. Building and pushing the image are in installer/publish/.
 */
import { Command, Option } from "commander";
import { ProxymeterError } from "../errors.ts";
import { buildImage, FORMATS, type Format } from "../publish/image.ts";
import { readModule } from "../publish/module.ts";
import { type ImageReference, parseReference } from "../publish/reference.ts";
import { type Published, pushImage } from "../publish/push.ts";
import { type Control, type Output, outputOption } from "./options.ts";
import { print, say } from "./output.ts";

interface Flags {
  format: Format;
  filter?: string;
  insecure?: boolean;
  output: Output;
}

const DETAILS = `
Formats:
  artifact  two layers, the module as it is: what registries of today take
  compat    an image with the file plugin.wasm, for registries that take nothing but images
The same module always has the same digest. What the registry has already is not uploaded again.

Credentials are those of the docker configuration ($DOCKER_CONFIG or ~/.docker): what docker login wrote, or its credential helpers.
Proxies are taken from HTTPS_PROXY and NO_PROXY, a root certificate of your own from NODE_EXTRA_CA_CERTS.

On stdout is the reference with its digest, for filter.image in vendors.yaml; with -o json or yaml an object with
url, digest, format, size, tag, moduleDigest and uploadedBytes.

Exit status: 0 when the image is in the registry, 1 when it could not be pushed, 2 for a mistake in the reference or the options.

Examples:
  proxymeter publish oci://registry.example/proxymeter:0.1.0
  proxymeter publish oci://registry.example/team/proxymeter:0.1.0 --format compat -o json
  proxymeter publish oci://localhost:5000/proxymeter:test --filter build/filter.wasm`;

/** The subcommand, for a program that calls it `proxymeter publish`. */
export function publishCommand(control: Control): Command {
  return new Command("publish")
    .description("push the filter to a registry, and print the reference with the digest that install pins")
    .argument("<reference>", "where to: oci://HOST[:PORT]/REPOSITORY:TAG")
    .addOption(new Option("--format <format>", "form of the image").choices(FORMATS).default("artifact"))
    .option("--filter <file>", "module to publish (default: the compiled filter of this project)")
    .option("--insecure", "accept plain HTTP also from a registry on another machine")
    .addOption(outputOption())
    .addHelpText("after", DETAILS)
    .action((reference: string, flags: Flags) => publish(reference, flags, control));
}

async function publish(text: string, flags: Flags, { abort, finish }: Control): Promise<void> {
  const reference = readTarget(text);
  const image = buildImage(readModule(flags.filter), flags.format);
  const signal = AbortSignal.any([abort, finish]);
  const published = await pushImage(image, reference, { insecure: flags.insecure, signal, notify: say });
  print(published, flags.output, ({ url }: Published) => url);
}

/** @throws ProxymeterError E_REFERENCE for one that names a digest: that is for us to say */
function readTarget(text: string): ImageReference {
  const reference = parseReference(text);
  if (reference.digest === undefined) return reference;
  const message = `cannot publish to "${text}": it names a digest (expected a tag, the digest follows from the module)`;
  throw new ProxymeterError("E_REFERENCE", message, "leave out @sha256:...", { exitCode: 2 });
}
