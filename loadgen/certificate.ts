// SPDX-License-Identifier: Apache-2.0
/**
 * A certificate authority for one run: makes a root and issues leaf certificates for site names.
 * Keys live in memory only; who stores the root's PEM, and where, is the caller's choice.
 */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const KEY = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** Private key and certificate, both PEM. */
export interface Certificate {
  key: string;
  cert: string;
}

export interface Authority {
  /** The root certificate, PEM: what a client must trust. */
  pem: string;
  /** One leaf certificate valid for all `hosts` (names or IP addresses) for a week. */
  issue(hosts: string[]): Promise<Certificate>;
}

/** Makes a root that is valid for a week, and whose leaf certificates verify against `pem`. */
export async function makeAuthority(): Promise<Authority> {
  const keys = await generateKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=proxymeter loadgen",
    ...validity(),
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const sign = { issuer: root.subject, signingKey: keys.privateKey };
  return { pem: root.toString("pem"), issue: (hosts) => issueLeaf(hosts, sign) };
}

async function issueLeaf(
  hosts: string[],
  sign: { issuer: string; signingKey: webcrypto.CryptoKey },
): Promise<Certificate> {
  const keys = await generateKeys();
  const cert = await x509.X509CertificateGenerator.create({
    subject: "CN=site",
    ...sign,
    ...validity(),
    publicKey: keys.publicKey,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isAddress(value) ? "ip" : "dns", value })),
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"), cert: cert.toString("pem") };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
}

function validity(): { notBefore: Date; notAfter: Date } {
  // An hour back: a client in another time zone or container may run slightly behind.
  return { notBefore: new Date(Date.now() - DAY_MS / 24), notAfter: new Date(Date.now() + 7 * DAY_MS) };
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^[0-9.]+$/.test(host);
}
