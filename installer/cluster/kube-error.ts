// SPDX-License-Identifier: Apache-2.0
/**
 * An answer of the Kubernetes API that is no success, in words: what was asked, what the server said, what to do next.
 */
import { ProxymeterError } from "../errors.ts";

const HINTS: Readonly<Record<number, string>> = {
  0: "check that the cluster of this context runs and is reachable from here",
  401: "log in to the cluster again; its credentials in the kubeconfig are not accepted",
  403: "use an account with the rights that `proxymeter render` lists in its roles; an administrator has to give them, or to do this",
  409: "somebody else changed the object meanwhile; run the command again",
};
const OTHER_HINT = "run `proxymeter check` to see what is wrong with the cluster";

export class KubeError extends ProxymeterError {
  /** HTTP status; 0 when the server could not be reached. */
  readonly status: number;

  /** @param answer  the body: a Status object, or any text */
  constructor(method: string, path: string, status: number, answer: string) {
    super(
      status === 0 ? "E_API_UNREACHABLE" : "E_API",
      status === 0 ? answer : `the API server answered ${status} to ${method} ${path}: ${messageOf(answer)}`,
      HINTS[status] ?? OTHER_HINT,
    );
    this.name = "KubeError";
    this.status = status;
  }

  static unreachable(server: string, error: unknown): KubeError {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message} (${cause.message})` : message;
    return new KubeError("", "", 0, `cannot reach the API server at ${server}: ${reason}`);
  }
}

/** Message of a Status object, else the text cut short. */
function messageOf(answer: string): string {
  try {
    const { message } = JSON.parse(answer) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Proxies and webhooks answer in plain text.
  }
  return answer.slice(0, 500).trim();
}
