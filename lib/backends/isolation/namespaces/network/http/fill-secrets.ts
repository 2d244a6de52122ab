import type { EgressSecret } from "../../../../../engine/secrets/egress-secret.ts";
import type { HeaderList } from "./header-list.ts";

const BASIC = /^(basic +)([A-Za-z0-9+/_-]+=*) *$/i;

/**
 * Header lines with each secret in place of its placeholder, also within the name and password of a `Basic`
 * authorization, which are encoded. The header that says which host is meant stays as it is.
 */
export function fillSecrets(headers: HeaderList, secrets: readonly EgressSecret[]): HeaderList {
  if (secrets.length === 0) return headers;
  return headers.map(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === "host") return [name, value];
    const filled = fill(value, secrets);
    if (filled !== value || !lower.endsWith("authorization")) return [name, filled];
    return [name, fillBasic(value, secrets)];
  });
}

function fill(text: string, secrets: readonly EgressSecret[]): string {
  let filled = text;
  for (const { placeholder, value } of secrets) {
    // A function: in a text, `$` would have a meaning.
    filled = filled.replaceAll(placeholder, () => inHeader(value));
  }
  return filled;
}

function fillBasic(value: string, secrets: readonly EgressSecret[]): string {
  const [, scheme = "", encoded = ""] = BASIC.exec(value) ?? [];
  // As header lines are taken: one character for each byte.
  const pair = Buffer.from(encoded, "base64").toString("latin1");
  const filled = fill(pair, secrets);
  if (filled === pair) return value;
  return scheme + Buffer.from(filled, "latin1").toString("base64");
}

/** Header lines are bytes, which Node takes one to a character. */
export function inHeader(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}
