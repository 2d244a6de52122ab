import { Snapshot as VendorSnapshot } from "@vercel/sandbox";
import { sharedTransport } from "../host/shared-transport.ts";
import { engineFetch } from "./engine-fetch.ts";

/** What the vendor's classes are told about who calls, where nobody looks at it. */
const LOCAL_CREDENTIALS = {
  token: "sandlot",
  teamId: "team_sandlot",
  projectId: "prj_sandlot",
} as const;

/** Whether everything is the vendor's own: its cloud, the caller's credentials, the real domains. */
export function usesCloud(): boolean {
  return sharedTransport().kind === "vercel";
}

/**
 * A call's parameters, with which it goes to the engine. Credentials that are not there are made up, all
 * or some; a `fetch` of the caller's is not used, because it would lead to the cloud.
 */
export function bound<Params extends object>(params: Params | undefined): Params {
  // Vendor types ask for all credentials or none; both are a subset of what is given here.
  if (usesCloud()) return (params ?? {}) as Params;
  return { ...params, ...credentialsOf(params), fetch: engineFetch } as Params & object;
}

function credentialsOf(params: object | undefined): Record<string, string> {
  const given = (name: keyof typeof LOCAL_CREDENTIALS): string => {
    const value: unknown = params && Reflect.get(params, name);
    return typeof value === "string" ? value : LOCAL_CREDENTIALS[name];
  };
  // The token is a secret of the cloud's: it stays here.
  return { ...LOCAL_CREDENTIALS, teamId: given("teamId"), projectId: given("projectId") };
}

/** The object, as one of our class, which the vendor's own code made as one of the class above it. */
export function adopt<Ours extends object>(vendors: object, ours: { prototype: Ours }): Ours {
  if (ours.prototype.isPrototypeOf(vendors)) return vendors as Ours;
  return Object.setPrototypeOf(vendors, ours.prototype) as Ours;
}

// Under which the vendor's classes turn stored data into objects; shared by its name.
const DESERIALIZE = Symbol.for("workflow-deserialize");

/**
 * Makes objects of the class reach the engine that came out of storage without an HTTP client: its own
 * way to make one would lead to the cloud. `fromStorage` is given what the vendor made of stored data.
 */
export function bindClient<Ours extends object>(
  ours: { prototype: Ours },
  fromStorage: (vendors: object) => Ours = (vendors) => adopt(vendors, ours),
): void {
  const deserialize: unknown = Reflect.get(ours, DESERIALIZE);
  if (typeof deserialize === "function") {
    Object.defineProperty(ours, DESERIALIZE, {
      configurable: true,
      writable: true,
      value: (data: unknown) => fromStorage(deserialize.call(ours, data) as object),
    });
  }
  const vendors: unknown = Reflect.get(ours.prototype, "ensureClient");
  Object.defineProperty(ours.prototype, "ensureClient", {
    configurable: true,
    writable: true,
    async value(this: object): Promise<unknown> {
      const known: unknown = Reflect.get(this, "_client");
      if (known) return known;
      if (usesCloud() && typeof vendors === "function") return vendors.call(this);
      const client = await engineClient();
      Reflect.set(this, "_client", client);
      return client;
    },
  });
}

/**
 * The vendor's HTTP client, bound to the engine, for objects that came out of storage without one. Its
 * class is not public, but each object that was fetched holds one; this one was fetched from nowhere.
 */
async function engineClient(): Promise<unknown> {
  const answer = {
    snapshot: {
      id: "snap_none",
      sourceSessionId: "sbx_none",
      region: "iad1",
      status: "created",
      sizeBytes: 0,
      createdAt: 0,
      updatedAt: 0,
    },
  };
  let canned: Response | undefined = Response.json(answer);
  const snapshot = await VendorSnapshot.get({
    snapshotId: answer.snapshot.id,
    ...LOCAL_CREDENTIALS,
    fetch: async (input, init) => {
      const first = canned;
      canned = undefined;
      // Node's own type of fetch names another copy of undici's connections.
      return first ?? engineFetch(input, init as Parameters<typeof engineFetch>[1]);
    },
  } as Parameters<typeof VendorSnapshot.get>[0]);
  return Reflect.get(snapshot, "_client");
}
