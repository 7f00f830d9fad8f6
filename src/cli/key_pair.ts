/** Reads and checks the certificate and the private key of a TLS listener. @module */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { octal } from "../files/trust.ts";
import type { Log } from "../log/log.ts";
import { messageOf } from "../wire/error.ts";
import type { KeyPair } from "../wire/listen/listen.ts";
import { CliError } from "./common.ts";
import type { SmallFile } from "../files/small_file.ts";
import { readOptionFile } from "./option_file.ts";

/** Certificate chains are a few KiB; a larger file is not one. */
const MAX_BYTES = 1024 * 1024;

const CERT = "--tls-cert";
const KEY = "--tls-key";

/** A block of PEM (RFC 7468), from BEGIN to END. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g;

interface PemFile extends SmallFile {
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
}

/**
 * Reads a certificate chain and its private key. Warns if the certificate is not valid now,
 * official clients refuse the kind of key, or other users can read the key.
 *
 * @throws {CliError} naming the files, if they cannot serve TLS together.
 */
export async function readKeyPair(
  certPath: string,
  keyPath: string,
  log: Log,
  now: Date = new Date(),
): Promise<KeyPair> {
  const certFile = await readPem(certPath, CERT);
  const keyFile = await readPem(keyPath, KEY);
  requireBlocks(certFile, keyFile);
  const chain = certFile.certificates.map((text, at) => parseCertificate(text, at, certPath));
  const key = parseKey(keyFile);
  requireMatch(chain, key, certPath, keyPath);
  const problems = [
    validityProblem(chain[0]!, certPath, now),
    kindProblem(key, keyPath),
    readerProblem(keyFile),
  ];
  for (const problem of problems) if (problem) log.warning(problem);
  return { cert: certFile.certificates.join("\n"), key: keyFile.keys[0]! };
}

async function readPem(path: string, flag: string): Promise<PemFile> {
  const file = await readOptionFile(path, flag, MAX_BYTES);
  const text = new TextDecoder().decode(file.bytes);
  const blocks = [...text.matchAll(BLOCK)];
  const kind = (pattern: RegExp) =>
    blocks.filter(([, label]) => pattern.test(label!)).map(([block]) => block);
  return {
    ...file,
    certificates: kind(/^(TRUSTED |X509 )?CERTIFICATE$/),
    keys: kind(/PRIVATE KEY$/),
  };
}

function requireBlocks(cert: PemFile, key: PemFile): void {
  const swapped = cert.certificates.length === 0 && cert.keys.length > 0 &&
    key.keys.length === 0 && key.certificates.length > 0;
  if (swapped) {
    throw new CliError(
      `${CERT} and ${KEY} are swapped: ${cert.path} holds a private key and ${key.path} a ` +
        "certificate",
    );
  }
  if (cert.certificates.length === 0) throw lacks(cert, CERT, "certificate");
  if (key.keys.length === 0) throw lacks(key, KEY, "private key");
}

/** Reports a missing PEM block. DER (X.690) begins with the tag of a sequence, 0x30, and a long length. */
function lacks(file: PemFile, flag: string, what: string): CliError {
  if (file.bytes[0] !== 0x30 || file.bytes[1]! < 0x80) {
    return new CliError(`${flag}: expected a PEM ${what} in ${file.path}, found none`);
  }
  const command = what === "certificate" ? "x509" : "pkey";
  return new CliError(
    `${flag}: expected a PEM ${what} in ${file.path}, found DER; convert it: ` +
      `openssl ${command} -inform der -in ${file.path} -out ${command}.pem`,
  );
}

function parseCertificate(text: string, index: number, path: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw new CliError(
      `${CERT}: cannot read certificate ${index + 1} in ${path}: ${messageOf(error)}`,
    );
  }
}

function parseKey({ keys, path }: PemFile): KeyObject {
  const text = keys[0]!;
  if (/BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw new CliError(
      `${KEY}: expected a private key without a password in ${path}, found an encrypted one; ` +
        `decrypt it: openssl pkey -in ${path} -out key.pem`,
    );
  }
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw new CliError(`${KEY}: cannot read the private key in ${path}: ${messageOf(error)}`);
  }
}

function requireMatch(
  chain: readonly X509Certificate[],
  key: KeyObject,
  certPath: string,
  keyPath: string,
): void {
  const index = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (index === 0) return;
  if (index > 0) {
    throw new CliError(
      `${CERT}: expected the server's certificate first in ${certPath}, found it at position ` +
        `${index + 1}; put it before the certificates of its issuers`,
    );
  }
  throw new CliError(
    `The private key in ${keyPath} (${KEY}) does not belong to the certificate in ${certPath} ` +
      `(${CERT}, ${oneLine(chain[0]!.subject)}): clients could not connect; use the key that the ` +
      "certificate was created with",
  );
}

/** Only a warning: on a small host, the clock is often wrong. */
function validityProblem(
  certificate: X509Certificate,
  path: string,
  now: Date,
): string | undefined {
  const from = new Date(certificate.validFrom);
  const to = new Date(certificate.validTo);
  const clock = `the clock of this host shows ${now.toISOString()}`;
  if (now < from) {
    return `${CERT}: the certificate in ${path} is not valid before ${from.toISOString()}, and ` +
      `${clock}: clients will refuse it; set the clock, or wait`;
  }
  if (now > to) {
    return `${CERT}: the certificate in ${path} expired at ${to.toISOString()}, and ${clock}: ` +
      "clients will refuse it; renew it";
  }
  return undefined;
}

/** Measured with official clients 0.9.0: their TLS library refuses Ed25519 and P-521 by default. */
function kindProblem(key: KeyObject, path: string): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails } = key;
  const curve = asymmetricKeyDetails?.namedCurve;
  const isKnown = type === "rsa" || curve === "prime256v1" || curve === "secp384r1";
  if (isKnown) return undefined;
  return `${KEY}: official clients accept RSA, P-256 and P-384 keys, found ${curve ?? type} in ` +
    `${path}: they will refuse to connect; create another key and certificate`;
}

function readerProblem({ path, mode = 0 }: PemFile): string | undefined {
  if ((mode & 0o006) === 0) return undefined;
  const may = mode & 0o002 ? "change" : "read";
  return `${KEY}: all users of this host can ${may} the private key in ${path} (mode ` +
    `${octal(mode)}); run: chmod o= ${path}`;
}

/** Joins the lines of a subject: node:crypto writes one line for each attribute. */
function oneLine(subject: string | undefined): string {
  return (subject ?? "without a subject").replaceAll(/\s*\n\s*/g, ", ");
}
