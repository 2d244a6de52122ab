// The X.509 library finds its parts by reflection.
import "reflect-metadata";
import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import * as x509 from "@peculiar/x509";
import { authorityFile, splitAuthority } from "./authority-file.ts";
import { keyFile } from "./key-file.ts";

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** For as long as a state folder may be kept. */
const AUTHORITY_DAYS = 3_650;
/** Clients refuse certificates that hold for more than 398 days. */
const LEAF_DAYS = 90;
/** Names that were asked for lately. */
const CONTEXTS = 256;
const AUTHORITY_NAME = "CN=Sandlot local authority, O=Sandlot";

/**
 * The certificate authority of one engine. Sandboxes trust it, and nobody else does: it vouches for the hosts
 * whose traffic a policy's rules look into.
 */
export class Authority {
  /** The authority's certificate. */
  readonly pem: string;
  readonly #key: webcrypto.CryptoKey;
  readonly #certificate: x509.X509Certificate;
  readonly #contexts = new Map<string, { context: SecureContext; until: number }>();
  readonly #leaf: webcrypto.CryptoKeyPair;
  readonly #leafKeyPem: string;

  /**
   * Of the folder; made when the folder has none. Its key stays in a file that only this user can read. Clients
   * believe it about names below `domain` alone, if one was given when it was made.
   */
  static async open(directory: string, options: { domain?: string } = {}): Promise<Authority> {
    const text = await keyFile(authorityFile(directory), () => makeAuthority(options));
    const { key: keyPem, certificate: pem } = splitAuthority(text);
    const der = createPrivateKey(keyPem).export({ type: "pkcs8", format: "der" });
    const key = await webcrypto.subtle.importKey("pkcs8", der, KEY, false, ["sign"]);
    const leaf = await webcrypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
    return new Authority({ key, pem, leaf, leafKeyPem: await privatePem(leaf.privateKey) });
  }

  private constructor(options: {
    key: webcrypto.CryptoKey;
    pem: string;
    leaf: webcrypto.CryptoKeyPair;
    leafKeyPem: string;
  }) {
    this.pem = options.pem;
    this.#key = options.key;
    this.#certificate = new x509.X509Certificate(options.pem);
    this.#leaf = options.leaf;
    this.#leafKeyPem = options.leafKeyPem;
  }

  /** What a TLS server needs to speak as the named host. */
  async contextFor(name: string): Promise<SecureContext> {
    const known = this.#contexts.get(name);
    if (known && known.until > Date.now()) return known.context;
    const until = Date.now() + (LEAF_DAYS - 1) * DAY_MS;
    const leaf = await this.#certify(name);
    const context = createSecureContext({
      key: this.#leafKeyPem,
      cert: `${leaf.toString("pem")}\n${this.pem}`,
    });
    this.#contexts.set(name, { context, until });
    const [oldest] = this.#contexts.keys();
    if (this.#contexts.size > CONTEXTS && oldest !== undefined) this.#contexts.delete(oldest);
    return context;
  }

  async #certify(name: string): Promise<x509.X509Certificate> {
    return x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      issuer: this.#certificate.subject,
      // A common name holds 64 characters, a host name up to 253: the alternative name counts.
      subject: "O=Sandlot",
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + LEAF_DAYS * DAY_MS),
      publicKey: this.#leaf.publicKey,
      signingKey: this.#key,
      signingAlgorithm: SIGNATURE,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate),
        await x509.SubjectKeyIdentifierExtension.create(this.#leaf.publicKey),
      ],
    });
  }
}

async function makeAuthority({ domain }: { domain?: string }): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: AUTHORITY_NAME,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + AUTHORITY_DAYS * DAY_MS),
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(domain === undefined ? [] : [nameConstraints(domain)]),
    ],
  });
  return `${await privatePem(keys.privateKey)}${certificate.toString("pem")}\n`;
}

const NAME_CONSTRAINTS = "2.5.29.30";
/** Tags of DER: a sequence; of a general name, a DNS name and an address (RFC 5280, 4.2.1.6). */
const [SEQUENCE, DNS_NAME, ADDRESS] = [0x30, 0x82, 0x87];
/** The two lists of the constraints: what is permitted, what is excluded. */
const [PERMITTED, EXCLUDED] = [0xa0, 0xa1];

/** Only names below the domain, and no address at all: a rule about names says nothing of addresses. */
function nameConstraints(domain: string): x509.Extension {
  const everyAddress = [8, 32].map((length) => der(SEQUENCE, der(ADDRESS, Buffer.alloc(length))));
  const value = der(
    SEQUENCE,
    der(PERMITTED, der(SEQUENCE, der(DNS_NAME, Buffer.from(domain, "ascii")))),
    der(EXCLUDED, ...everyAddress),
  );
  return new x509.Extension(NAME_CONSTRAINTS, true, value);
}

/** One value of DER, short enough for a length of one byte. */
function der(tag: number, ...parts: Buffer[]): Buffer<ArrayBuffer> {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, type: "pkcs8", format: "der" })
    .export({ type: "pkcs8", format: "pem" })
    .toString();
}

// Positive, and too many to meet twice.
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
}
