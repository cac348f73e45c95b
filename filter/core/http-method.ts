// SPDX-License-Identifier: Apache-2.0
/**
 * Methods of HTTP requests: those that decide how a message is framed, and those that a ledger names.
 * Any other one is METHOD_OTHER; which requests there are is read in `http-request.ts`.
 */
import { equalsText } from "./bytes.ts";

export const METHOD_OTHER: i32 = 0;
export const METHOD_CONNECT: i32 = 1;
export const METHOD_HEAD: i32 = 2;
const METHOD_GET: i32 = 3;
const METHOD_POST: i32 = 4;
const METHOD_PUT: i32 = 5;
const METHOD_DELETE: i32 = 6;
const METHOD_PATCH: i32 = 7;
const METHOD_OPTIONS: i32 = 8;

/** METHOD_* of a token. */
export function methodOf(address: i32, length: i32): i32 {
  if (equalsText(address, length, "get")) return METHOD_GET;
  if (equalsText(address, length, "connect")) return METHOD_CONNECT;
  if (equalsText(address, length, "post")) return METHOD_POST;
  if (equalsText(address, length, "head")) return METHOD_HEAD;
  if (equalsText(address, length, "put")) return METHOD_PUT;
  if (equalsText(address, length, "delete")) return METHOD_DELETE;
  if (equalsText(address, length, "patch")) return METHOD_PATCH;
  return equalsText(address, length, "options") ? METHOD_OPTIONS : METHOD_OTHER;
}

/** Empty for METHOD_OTHER. */
export function methodName(method: i32): string {
  switch (method) {
    case METHOD_CONNECT:
      return "CONNECT";
    case METHOD_HEAD:
      return "HEAD";
    case METHOD_GET:
      return "GET";
    case METHOD_POST:
      return "POST";
    case METHOD_PUT:
      return "PUT";
    case METHOD_DELETE:
      return "DELETE";
    case METHOD_PATCH:
      return "PATCH";
    case METHOD_OPTIONS:
      return "OPTIONS";
    default:
      return "";
  }
}
