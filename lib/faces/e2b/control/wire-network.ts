import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import type { NetworkPolicy, NetworkRule } from "../../../contract/network-policy.ts";
import { isCidr } from "../../../std/is-cidr.ts";

const DOMAIN = /^(?:\*\.)?[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_])?$|^\*$/u;

const Rule = z.object({
  transform: z.object({ headers: z.record(z.string().min(1), z.string()).optional() }).nullish(),
});

const Rules = z
  .record(
    z.string().refine((host) => DOMAIN.test(host), {
      message: "expected a host such as api.example.com or *.example.com",
    }),
    z.array(Rule),
  )
  .nullish();

const Destination = z.string().refine((text) => isCidr(text) || DOMAIN.test(text), {
  message: "expected an address, a range of addresses or a domain",
});

/** `${PORT}` in it stands for the port. */
const HostHeader = z.string().regex(/^[\x21-\x7e]{1,255}$/, {
  message: "expected a host such as localhost:${PORT}, without blanks",
});

/** The part of a network's configuration that both a new sandbox and a change of a running one have. */
export const WireEgress = z.object({
  allowOut: z.array(Destination).nullish(),
  denyOut: z
    .array(
      z.string().refine(isCidr, {
        message: "expected an address or a range of addresses: domains cannot be denied",
      }),
    )
    .nullish(),
  egressProxy: z.record(z.string(), z.unknown()).nullish(),
  rules: Rules,
});
type WireEgress = z.output<typeof WireEgress>;

/** A new sandbox's network, in the vendor's words. */
export const WireNetwork = WireEgress.extend({
  allowPublicTraffic: z.boolean().nullish(),
  maskRequestHost: HostHeader.nullish(),
  httpsPorts: z.array(z.int().min(1).max(65_535)).nullish(),
});
export type WireNetwork = z.output<typeof WireNetwork>;

/** Of `PUT …/network`: what is not given is cleared. */
export const WireNetworkUpdate = WireEgress.extend({
  allow_internet_access: z.boolean().nullish(),
});

const ALL_TRAFFIC = "0.0.0.0/0";
// Who denies all means the other family, too.
const ALL_TRAFFIC_V6 = "::/0";

/**
 * The engine's policy for what the vendor calls egress: what is allowed goes before what is denied, what
 * neither speaks of is allowed. Throws `unsupported` for what cannot be had here, and `invalid_request` for
 * domains that are allowed while everything is.
 */
export function toNetworkPolicy(
  { allowOut, denyOut, egressProxy, rules }: WireEgress,
  allowInternetAccess: boolean,
): NetworkPolicy {
  if (egressProxy) {
    throw new SandboxError(
      "unsupported",
      "`network.egressProxy`: sandboxes here leave by this machine's own network and by no other proxy; leave it out.",
    );
  }
  const allowed = allowOut ?? [];
  const denied = allowInternetAccess ? (denyOut ?? []) : [ALL_TRAFFIC];
  const domains = allowed.filter((text) => !isCidr(text));
  const ruled = Object.entries(rules ?? {}).filter(([, own]) => own.length > 0);
  const deniesAll = denied.includes(ALL_TRAFFIC);
  if (domains.length > 0 && !deniesAll) {
    throw new SandboxError(
      "invalid_request",
      `\`network.allowOut\`: to allow domains (${domains.slice(0, 3).join(", ")}), deny all other traffic: put "${ALL_TRAFFIC}" into denyOut.`,
    );
  }
  if (denied.length === 0 && ruled.length === 0) return { mode: "allow-all" };
  if (deniesAll && allowed.length === 0) return { mode: "deny-all" };
  const rulesOf = new Map(ruled.map(([host, own]) => [host, own.flatMap(toRule)]));
  const allowedCidrs = allowed.filter(isCidr);
  const listed = [
    ...domains.map((domain) => ({ domain, rules: rulesOf.get(domain) ?? [] })),
    ...[...rulesOf]
      .filter(([host]) => !domains.includes(host))
      .map(([domain, own]) => ({ domain, rules: own, grants: false })),
  ];
  return {
    mode: "custom",
    otherwise: "allow",
    precedence: "allowed",
    ...(listed.length > 0 && { domains: listed }),
    ...(allowedCidrs.length > 0 && { allowedCidrs }),
    ...(denied.length > 0 && {
      deniedCidrs: deniesAll ? [...new Set([...denied, ALL_TRAFFIC_V6])] : denied,
    }),
  };
}

const KeptNetwork = z.record(z.string(), z.json());

/** What was asked for, to be told again. */
export function keptNetwork(network: WireNetwork) {
  const { egressProxy: _proxy, ...told } = network;
  const given = Object.entries(told).filter(([, value]) => value != null);
  return given.length > 0 ? KeptNetwork.parse(Object.fromEntries(given)) : undefined;
}

const OWN_PLACEHOLDER = /\$\{e2b\.secrets\.([^{}]+)\}/g;

function toRule({ transform }: z.output<typeof Rule>): NetworkRule[] {
  const headers = Object.entries(transform?.headers ?? {});
  if (headers.length === 0) return [];
  return [
    {
      transform: [
        { headers: Object.fromEntries(headers.map(([name, value]) => [name, toValue(value)])) },
      ],
    },
  ];
}

function toValue(value: string): string {
  if (value.includes("${e2b.identity.")) {
    throw new SandboxError(
      "unsupported",
      "A network rule asks for an identity token (${e2b.identity…}), which the vendor's cloud issues; use a secret instead.",
    );
  }
  return value.replaceAll(OWN_PLACEHOLDER, (_whole, name: string) => `\${secret:${name}}`);
}
