// SPDX-License-Identifier: Apache-2.0
/**
 * A token server on loopback that a real registry trusts: it grants what it is asked for to those it knows, by signed tokens.
 * Notes who asked, and how.
 *
 * @see https://distribution.github.io/distribution/spec/auth/jwt/
 */
import { sign, X509Certificate } from "node:crypto";
import http from "node:http";
import { makeAuthority } from "../../loadgen/certificate.ts";
import { listen } from "../../loadgen/listener.ts";
import { LOGIN, type TokenAuth } from "./docker-registry.ts";

/** What `docker login` keeps instead of a password where the server offers it. */
export const IDENTITY_TOKEN = "identity-0123456789";
const SERVICE = "registry of the tests";
const ISSUER = "issuer of the tests";
const LIFE_SECONDS = 300;

export interface TokenServer {
  auth: TokenAuth;
  /** One line for each token that was asked for. */
  asked(): string[];
  close(): Promise<void>;
}

export async function startTokenServer(): Promise<TokenServer> {
  const authority = await makeAuthority();
  const leaf = await authority.issue(["issuer.example"]);
  const asked: string[] = [];
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const form = request.method === "POST" ? new URLSearchParams(await text(request)) : url.searchParams;
    const who = identify(request, form);
    const scopes = form.getAll("scope").flatMap((scope) => scope.split(" "));
    asked.push(`${request.method} ${who ?? "nobody"} ${scopes.join(" ")}`);
    if (who === undefined || form.get("service") !== SERVICE) return response.writeHead(401).end();
    const token = jwt(leaf, who, scopes);
    // OAuth's name for it and docker's own.
    const answer = request.method === "POST" ? { access_token: token } : { token };
    return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const listener = await listen(server);
  const realm = `http://127.0.0.1:${listener.port}/token`;
  const auth = { realm, service: SERVICE, issuer: ISSUER, root: authority.pem };
  return { auth, asked: () => [...asked], close: listener.close };
}

function identify(request: http.IncomingMessage, form: URLSearchParams): string | undefined {
  if (request.method === "POST") {
    const isKnown = form.get("grant_type") === "refresh_token" && form.get("refresh_token") === IDENTITY_TOKEN;
    return isKnown ? "identity" : undefined;
  }
  const expected = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");
  return request.headers.authorization === `Basic ${expected}` ? LOGIN.username : undefined;
}

function jwt({ key, cert }: { key: string; cert: string }, subject: string, scopes: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type, name, actions = ""] = scope.split(":");
    return { type, name, actions: actions.split(",") };
  });
  const times = { iat: now, nbf: now - 10, exp: now + LIFE_SECONDS };
  const claims = { iss: ISSUER, sub: subject, aud: SERVICE, jti: String(Math.random()), ...times, access };
  const x5c = [new X509Certificate(cert).raw.toString("base64")];
  const body = [{ typ: "JWT", alg: "ES256", x5c }, claims].map(encoded).join(".");
  const signature = sign("sha256", Buffer.from(body), { key, dsaEncoding: "ieee-p1363" });
  return `${body}.${signature.toString("base64url")}`;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

async function text(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
