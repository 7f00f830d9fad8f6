/**
 * Tokens, all HS256 JSON web tokens: the router's, which the controller signs and the
 * router checks once, when a stream is opened, and those of exporters and clients.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

const ISSUER = "https://jumpstarter.dev/stream";
const AUDIENCE = "https://jumpstarter.dev/router";
const IDENTITY_ISSUER = "https://localhost:8085";
const IDENTITY_LIFETIME_S = 365 * 86_400;

/** How long a token may be used to open a stream, in milliseconds. */
export const TOKEN_LIFETIME_MS = 30 * 60_000;

/** The claims of a token; times are seconds since the epoch. */
export interface Claims {
  readonly iss: string;
  readonly aud: string[];
  /** The stream's id, equal for both parties. */
  readonly sub: string;
  readonly exp: number;
  readonly iat: number;
}

/** A token for the stream `sub`. */
export function signToken(
  secret: Uint8Array,
  sub: string,
  lifetimeMs: number = TOKEN_LIFETIME_MS,
): string {
  const iat = Math.floor(Date.now() / 1000);
  const exp = Math.floor((Date.now() + lifetimeMs) / 1000);
  return sign(secret, { iss: ISSUER, aud: [AUDIENCE], sub, exp, iat });
}

/**
 * The credential of an exporter or a client. The controller compares it as it
 * is, but `jmp shell` refuses to start with a token that it cannot read `exp` from.
 */
export function identityToken(sub: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: IDENTITY_ISSUER, sub, exp: iat + IDENTITY_LIFETIME_S, iat };
  return sign(crypto.getRandomValues(new Uint8Array(32)), claims);
}

function sign(secret: Uint8Array, claims: Partial<Claims>): string {
  const body = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${body}.${mac(secret, body).toString("base64url")}`;
}

/** The stream id of a valid token. @throws {Error} with the reason */
export function verifyToken(secret: Uint8Array, token: string): string {
  const [header = "", payload = "", signature = "", ...rest] = token.split(".");
  if (!signature || rest.length > 0) throw new Error("token is malformed");
  const expected = mac(secret, `${header}.${payload}`);
  const found = Buffer.from(signature, "base64url");
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
    throw new Error("token signature is invalid");
  }
  const { iss, aud, sub, exp } = decode(payload);
  if (iss !== ISSUER) throw new Error("token has invalid issuer");
  if (!aud?.includes(AUDIENCE)) throw new Error("token has invalid audience");
  if (!exp || exp * 1000 <= Date.now()) throw new Error("token is expired");
  if (!sub) throw new Error("token has no subject");
  return sub;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): Partial<Claims> {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}

function mac(secret: Uint8Array, body: string): Buffer {
  return createHmac("sha256", secret).update(body).digest();
}
