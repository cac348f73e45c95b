// SPDX-License-Identifier: Apache-2.0
/**
 * Whether Istio is installed, upgraded, left alone or refused, from what is there and what our record says. Pure.
 */
import { parseVersion } from "../cluster/istio.ts";
import { ProxymeterError } from "../errors.ts";
import type { OwnIstio } from "../install/record.ts";
import { NEWEST_MINOR, OLDEST_MINOR } from "../objects/offline-target.ts";
import type { OverlayPlace } from "./overlay.ts";
import { controlPlaneText, type IstioPresence } from "./presence.ts";

/**
 * `install`: none is there. `resume`: an installation of ours was broken off. `repair`: ours is gone. `upgrade`: ours, by
 * another version. `change`: ours, by another overlay. `none`: ours is there as wanted.
 */
export type IstioAction = "install" | "resume" | "repair" | "upgrade" | "change" | "none";

export interface IstioWish {
  /** Version of istioctl, or what the user says it is. */
  version: string;
  overlay: string;
  place: OverlayPlace;
}

/** @throws ProxymeterError E_ISTIO_THERE, E_ISTIO_ELSEWHERE, E_ISTIO_SKIP, exit status 2 */
export function istioAction(wish: IstioWish, presence: IstioPresence, own: OwnIstio | undefined): IstioAction {
  if (own === undefined) {
    refuseForeign(presence);
    return "install";
  }
  refuseElsewhere(wish.place, own);
  const running = presence.controlPlanes.find(
    ({ namespace, revision }) => namespace === own.namespace && revision === own.revision,
  );
  if (own.state === "installing") {
    // What was broken off may have been an upgrade that had not begun to replace istiod, or had: what is there tells.
    if (running) refuseSkip(parseVersion(running.tag) ? running.tag : own.version, wish.version);
    return "resume";
  }
  if (!running) return "repair";
  if (own.version !== wish.version) {
    refuseSkip(own.version, wish.version);
    return "upgrade";
  }
  return own.overlay === wish.overlay ? "none" : "change";
}

/** @throws ProxymeterError E_ISTIOCTL_VERSION, exit status 2, for a version that is not known to work */
export function supportedVersion(said: string, stated: string | undefined): string {
  const expected = `1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}`;
  const known = parseVersion(stated ?? said);
  if (known !== undefined && known.minor >= OLDEST_MINOR && known.minor <= NEWEST_MINOR) return stated ?? said;
  const what = stated === undefined ? `istioctl says it is "${said}"` : `--istio-version says "${stated}"`;
  throw new ProxymeterError(
    "E_ISTIOCTL_VERSION",
    `cannot install Istio: ${what} (expected ${expected})`,
    known === undefined
      ? `say which release it is with --istio-version, for example --istio-version 1.${NEWEST_MINOR}`
      : `give an istioctl of ${expected} with --istioctl PATH`,
    { exitCode: 2 },
  );
}

function refuseForeign({ controlPlanes, meshConfigs }: IstioPresence): void {
  const found = [...controlPlanes.map(controlPlaneText), ...meshConfigs];
  if (found.length === 0) return;
  throw new ProxymeterError(
    "E_ISTIO_THERE",
    `cannot install Istio: found ${found.join("; ")}, which this program has not installed (expected no Istio, or one that its record names)`,
    "leave out --istio install: the Istio that is there is used",
    { exitCode: 2 },
  );
}

function refuseElsewhere(wanted: OverlayPlace, own: OwnIstio): void {
  if (wanted.namespace === own.namespace && wanted.revision === own.revision) return;
  const text = ({ namespace, revision }: Pick<OverlayPlace, "namespace" | "revision">) =>
    `revision ${revision} in namespace ${namespace}`;
  throw new ProxymeterError(
    "E_ISTIO_ELSEWHERE",
    `cannot install Istio as ${text(wanted)}: the one that an earlier installation brought is ${text(own)} (expected one for a cluster)`,
    "give the same --istio-namespace, --istio-revision and --istio-config; to move it, `proxymeter uninstall --istio` first",
    { exitCode: 2 },
  );
}

/** https://istio.io/latest/docs/setup/upgrade/in-place/ */
function refuseSkip(from: string, to: string): void {
  const [before, after] = [parseVersion(from)?.minor, parseVersion(to)?.minor];
  if (before === undefined || after === undefined || after === before || after === before + 1) return;
  throw new ProxymeterError(
    "E_ISTIO_SKIP",
    `cannot take Istio from ${from} to ${to} in place: found ${after < before ? "a downgrade" : `${after - before} minor versions at once`} (expected the same minor version, or the next)`,
    after < before ? "give the istioctl of the installed version, or a newer one" : `upgrade to 1.${before + 1} first`,
    { exitCode: 2 },
  );
}
