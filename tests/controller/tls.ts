/**
 * Throw-away certificates, made by the `openssl` program once a process: a good one
 * for localhost and 127.0.0.1, and the bad ones that an exporter must refuse.
 *
 * @module
 */

/** A certificate chain and its private key, both PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What {@linkcode certificates} makes; every pair but `otherCa` is signed by `caPem`. */
export interface Certificates {
  readonly caPem: string;
  /** Valid for a day, for localhost and 127.0.0.1. */
  readonly server: KeyPair;
  /** Was valid until yesterday. */
  readonly expired: KeyPair;
  /** Is valid from 2099 on. */
  readonly future: KeyPair;
  /** Its own authority, for localhost. */
  readonly selfSigned: KeyPair;
  /** Valid, but for the host `elsewhere.invalid`. */
  readonly wrongName: KeyPair;
  /** Valid for localhost, but signed by a CA that nobody trusts. */
  readonly otherCa: KeyPair;
}

const LOCAL = "DNS:localhost,IP:127.0.0.1";
const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

// Our own, because the one that comes with openssl differs between systems.
const AUTHORITY_CONFIG = `[req]
distinguished_name = dn
x509_extensions = v3
[dn]
[v3]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
`;

const LATER_CONFIG = `[ca]
default_ca = later
[later]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
`;

let made: Promise<Certificates> | undefined;

/** The certificates of this process, made at the first call. @throws where openssl is missing */
export function certificates(): Promise<Certificates> {
  return made ??= create();
}

async function create(): Promise<Certificates> {
  const folder = await Deno.makeTempDir({ prefix: "test-controller-tls-" });
  try {
    const caPem = await authority(folder, "ca");
    await authority(folder, "other");
    return {
      caPem,
      server: await signed(folder, "server", { names: LOCAL }),
      expired: await signed(folder, "expired", { names: LOCAL, days: -1 }),
      future: await signed(folder, "future", { names: LOCAL, from: "20990101000000Z" }),
      selfSigned: await selfSigned(folder),
      wrongName: await signed(folder, "wrong-name", { names: "DNS:elsewhere.invalid" }),
      otherCa: await signed(folder, "other-ca", { names: LOCAL, ca: "other" }),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function authority(folder: string, name: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/${name}.cnf`, AUTHORITY_CONFIG);
  await openssl(folder, [
    ...["req", "-x509", ...CURVE, "-days", "2", "-subj", `/CN=test ${name}`],
    ...["-config", `${name}.cnf`, "-keyout", `${name}.key`, "-out", `${name}.pem`],
  ]);
  return await Deno.readTextFile(`${folder}/${name}.pem`);
}

async function signed(
  folder: string,
  name: string,
  { names, days = 1, ca = "ca", from }: {
    names: string;
    days?: number;
    ca?: string;
    from?: string;
  },
): Promise<KeyPair> {
  const path = (extension: string) => `${folder}/${name}.${extension}`;
  await Deno.writeTextFile(
    path("ext"),
    `subjectAltName=${names}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n`,
  );
  const request = ["-subj", `/CN=${name}`, "-keyout", path("key"), "-out", path("csr")];
  await openssl(folder, ["req", "-new", ...CURVE, ...request]);
  const serial = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  if (from !== undefined) return await signedLater(folder, name, from);
  await openssl(folder, [
    ...["x509", "-req", "-in", path("csr"), "-CA", `${ca}.pem`, "-CAkey", `${ca}.key`],
    ...["-set_serial", String(serial), "-days", String(days)],
    ...["-extfile", path("ext"), "-out", path("pem")],
  ]);
  return await readPair(folder, name);
}

/** Only `openssl ca` sets the beginning in OpenSSL 3.0. */
async function signedLater(folder: string, name: string, from: string): Promise<KeyPair> {
  await Deno.writeTextFile(`${folder}/index`, "");
  await Deno.writeTextFile(`${folder}/serial`, "1000\n");
  await Deno.writeTextFile(`${folder}/later.cnf`, LATER_CONFIG);
  await openssl(folder, [
    ...["ca", "-batch", "-notext", "-config", "later.cnf"],
    ...["-cert", "ca.pem", "-keyfile", "ca.key", "-in", `${name}.csr`, "-out", `${name}.pem`],
    ...["-extfile", `${name}.ext`, "-startdate", from, "-enddate", "21000101000000Z"],
  ]);
  return await readPair(folder, name);
}

async function selfSigned(folder: string): Promise<KeyPair> {
  await openssl(folder, [
    ...["req", "-x509", ...CURVE, "-days", "1", "-subj", "/CN=self"],
    ...["-addext", `subjectAltName=${LOCAL}`, "-keyout", "self.key", "-out", "self.pem"],
  ]);
  return await readPair(folder, "self");
}

async function readPair(folder: string, name: string): Promise<KeyPair> {
  return {
    certPem: await Deno.readTextFile(`${folder}/${name}.pem`),
    keyPem: await Deno.readTextFile(`${folder}/${name}.key`),
  };
}

async function openssl(cwd: string, args: string[]): Promise<void> {
  const result = await new Deno.Command("openssl", { args, cwd }).output().catch((cause) => {
    throw new Error(
      "Cannot make test certificates: expected the program openssl on PATH, found none; install the package openssl",
      { cause },
    );
  });
  if (result.success) return;
  const said = new TextDecoder().decode(result.stderr).trim();
  throw new Error(`Cannot make test certificates: openssl ${args[0]} said: ${said}`);
}
