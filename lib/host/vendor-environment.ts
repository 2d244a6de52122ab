import { SandboxError } from "../contract/errors.ts";
import { accessToken } from "./access-token.ts";
import { e2bApiKey, FACE_PREFIXES } from "./face-mounts.ts";
import { errorOf } from "./fault-answer.ts";
import { ListenAnswer, type ListenRequest, VersionAnswer } from "./host-answers.ts";
import { faceSecretOf } from "./face-secret.ts";
import { readSettings, type Settings } from "./settings.ts";
import { sharedTransport } from "./shared-transport.ts";
import { stateFolder } from "./state-folder.ts";
import type { Transport } from "./transport.ts";

/** Vendors whose unmodified clients need nothing but variables. */
export type VendorName = "e2b" | "daytona";

/** The variables that are set for a vendor's clients, in the order in which they are printed. */
export const VENDOR_VARIABLES = {
  // The content of volumes is at an address of its own, which does not follow the API's.
  e2b: ["E2B_API_KEY", "E2B_API_URL", "E2B_SANDBOX_URL", "E2B_VOLUME_API_URL"],
  daytona: ["DAYTONA_API_KEY", "DAYTONA_API_URL"],
} as const satisfies Record<VendorName, readonly string[]>;

/**
 * What has to stand in the environment of a program that uses the vendor's unmodified client. Makes sure that
 * the engine listens on a TCP port of this machine; a daemon is started if none runs. Throws `unsupported` for
 * an engine without a listener.
 */
export async function vendorEnvironment(
  vendor: VendorName,
  settings: Settings = readSettings(),
): Promise<Record<string, string>> {
  const { url, token } = await reachByTcp(settings);
  const at = `${url}${FACE_PREFIXES[vendor]}`;
  const values: { [Name in VendorName]: Record<(typeof VENDOR_VARIABLES)[Name][number], string> } =
    {
      e2b: {
        E2B_API_KEY: e2bApiKey(faceSecretOf(token)),
        E2B_API_URL: at,
        E2B_SANDBOX_URL: at,
        E2B_VOLUME_API_URL: at,
      },
      daytona: { DAYTONA_API_KEY: token, DAYTONA_API_URL: at },
    };
  return values[vendor];
}

/** The variables that `e2bNamesEnvironment` sets. */
export const NAMES_VARIABLES = [
  "E2B_API_KEY",
  "E2B_DOMAIN",
  "E2B_VOLUME_API_URL",
  "NODE_EXTRA_CA_CERTS",
] as const;

/**
 * The variables for e2b's clients that reach every port of a sandbox by a name of its own, over TLS. Programs have
 * to trust the certificate in the file, and to find the names.
 */
export async function e2bNamesEnvironment(
  settings: Settings = readSettings(),
): Promise<Record<string, string>> {
  const { url, token, names } = await reachByTcp(settings, { names: true });
  return {
    E2B_API_KEY: e2bApiKey(faceSecretOf(token)),
    E2B_DOMAIN: names?.domain ?? "",
    // The content of volumes is at an address of its own, which does not follow the domain.
    E2B_VOLUME_API_URL: `${url}${FACE_PREFIXES.e2b}`,
    NODE_EXTRA_CA_CERTS: names?.certificate ?? "",
  };
}

/** The engine's URL and the token that it asks for; with `names`, where it has a name for every port. */
async function reachByTcp(
  settings: Settings,
  { names = false }: { names?: boolean } = {},
): Promise<ListenAnswer & { token: string }> {
  const { engine } = settings;
  if (engine.kind === "http" && !names) {
    if (settings.token !== undefined) return { url: engine.url, token: settings.token };
    throw new SandboxError(
      "unauthorized",
      "SANDLOT_ENGINE names an engine at a URL, whose keys are made from its token. Set SANDLOT_TOKEN to what its file `token` holds.",
    );
  }
  if (engine.kind !== "daemon") {
    const lack = names
      ? "cannot give each port of a sandbox a name of its own"
      : "has no port that clients of other vendors could call";
    throw new SandboxError(
      "unsupported",
      `SANDLOT_ENGINE=${engine.kind} ${lack}. Set SANDLOT_ENGINE=daemon, or leave it out.`,
    );
  }
  const transport = sharedTransport(settings);
  // It may be one beside a daemon of another version, with a folder of its own. And a question is repeated when the
  // daemon of before has gone: what follows meets one that lives.
  const { home } = VersionAnswer.parse(await ask(transport, "/sandlot/version"));
  const body = JSON.stringify({ names } satisfies ListenRequest);
  const answer = await ask(transport, "/sandlot/listen", { method: "POST", body });
  const listening = ListenAnswer.parse(answer);
  return { ...listening, token: accessToken(stateFolder(home).token) };
}

async function ask(transport: Transport, path: string, init?: RequestInit): Promise<unknown> {
  const response = await transport.fetch(path, init);
  if (!response.ok) throw await errorOf(response);
  return response.json();
}
