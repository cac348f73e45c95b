// SPDX-License-Identifier: Apache-2.0
/**
 * Travels without a tunnel, in plain HTTP: absolute-form requests that the proxy forwards, or ordinary requests to
 * whoever listens at the proxy's address (header mode, where a mesh chooses the way by a header).
 */
import { authorization } from "./connect.ts";
import type { Connection, Way } from "./connection.ts";
import { speakHttp1 } from "./http1.ts";

/** One connection to the proxy carries requests to any number of hosts. */
export const travelByForward: Way = async (wire, trip): Promise<Connection> =>
  speakHttp1(wire, { ...trip, form: "absolute", headers: authorization(trip.proxy) });

/** The questions carry the headers that name vendor and pool. */
export const travelByHeaders: Way = async (wire, trip): Promise<Connection> =>
  speakHttp1(wire, { ...trip, form: "origin", headers: {} });
