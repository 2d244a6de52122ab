import { DEFAULTS } from "../../contract/defaults.ts";
import { SANDBOX_USERS, SandboxUser } from "../../contract/sandbox-user.ts";
import type { TemplateBuild, TemplateLayer } from "../../contract/template.ts";
import { newId } from "../../std/ids.ts";
import type { Clock, Isolation, Root, Store } from "../ports.ts";
import type { BuildState } from "./template-plan.ts";
import { nameOf } from "./template-run.ts";

/** What a build begins with. */
export interface BuildGround {
  /** Absent: the empty base. */
  snapshotId?: string;
  state: BuildState;
  /** Tells apart what begins differently. */
  recipe: string;
  layers: readonly string[];
  /** Whether the snapshot is somebody else's, who may delete it: the build keeps its own. */
  isForeign: boolean;
  /** What an image is made of, in words. */
  standIn?: string;
}

export interface WorkshopOptions {
  store: Pick<Store, "layers">;
  isolation: Isolation;
  clock: Pick<Clock, "now">;
  build: TemplateBuild;
  ground: BuildGround;
  signal: AbortSignal;
}

/**
 * Where one build works: a root that is no session of any sandbox, made when it is needed, and the layers below it.
 * What is kept becomes a layer, and the next root begins on top of it.
 */
export class Workshop {
  readonly #options: WorkshopOptions;
  readonly #layers: string[];
  /** The files that the next root begins with. */
  #top: Pick<TemplateLayer, "id"> & { sizeBytes?: number };
  #root: Root | undefined;
  #hasChanges = false;

  constructor(options: WorkshopOptions) {
    this.#options = options;
    this.#layers = [...options.ground.layers];
    this.#top = { id: options.ground.snapshotId ?? "" };
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  get hasUsers(): boolean {
    return this.#options.isolation.features.users.offered;
  }

  /** By which name the default user is known here, whoever the steps run as. */
  get user(): SandboxUser {
    const { user } = this.#options.ground.state;
    return SandboxUser.safeParse(nameOf(user)).data ?? DEFAULTS.user;
  }

  /** What is there of the build when it ends now. */
  get result(): Pick<TemplateBuild, "snapshotId" | "sizeBytes" | "layers"> {
    const { id, sizeBytes } = this.#top;
    return {
      layers: [...this.#layers],
      ...(id !== "" && { snapshotId: id }),
      ...(sizeBytes !== undefined && { sizeBytes }),
    };
  }

  /** Whether there is something that is in no layer yet. */
  get hasChanges(): boolean {
    return this.#hasChanges;
  }

  /** Begins with what a build before has made; a root that was looked at is none to go on with. */
  async takeOver({ id, sizeBytes }: TemplateLayer): Promise<void> {
    await this.clear();
    this.#layers.push(id);
    this.#top = { id, sizeBytes };
  }

  /** The root, for whoever only looks. */
  async look(): Promise<Root> {
    if (this.#root) return this.#root;
    const { isolation, build, ground, signal } = this.#options;
    const { home, cwd } = SANDBOX_USERS[this.user];
    this.#root = await isolation.prepare(
      {
        sessionId: newId("sbx"),
        sandboxName: build.id,
        ...(this.#top.id !== "" && { snapshotId: this.#top.id }),
        cwd,
        home,
        user: this.user,
        mounts: [],
        ports: [],
        networkPolicy: { mode: "allow-all" },
        vcpus: build.vcpus,
        memoryMb: build.memoryMb,
      },
      { signal },
    );
    // The base's directory may be none of those that are always there.
    await this.#makeDirectory(this.#root, ground.state.cwd, this.user);
    return this.#root;
  }

  /** The root, for whoever changes something. */
  async change(): Promise<Root> {
    const root = await this.look();
    this.#hasChanges = true;
    return root;
  }

  /** A directory that is there stays as it is, whoever's it is; one that is made is the user's. */
  async makeDirectory(path: string, user: string): Promise<void> {
    await this.#makeDirectory(await this.change(), path, nameOf(user));
  }

  /** Turns what is in the root into a layer. */
  async keep(recipe: string): Promise<void> {
    const { store, isolation, clock } = this.#options;
    const root = await this.look();
    this.#root = undefined;
    this.#hasChanges = false;
    const id = newId("snap");
    let sizeBytes: number;
    try {
      await root.halt({ graceMs: 0 });
      ({ sizeBytes } = await root.capture(id));
    } catch (error) {
      await root.remove();
      throw error;
    }
    const layer = { id, recipe, sizeBytes, createdAt: clock.now(), isolation: isolation.name };
    store.layers.put(layer);
    await this.takeOver(layer);
  }

  /** Ends what runs, and deletes what is in no layer. Layers that no build will name are others' to delete. Idempotent. */
  async clear(): Promise<void> {
    const root = this.#root;
    this.#root = undefined;
    await root?.halt({ graceMs: 0 });
    await root?.remove();
  }

  async #makeDirectory(root: Root, path: string, user: string): Promise<void> {
    const access = { signal: this.signal, recursive: true };
    if (!this.hasUsers) {
      await root.files.makeDirectory(path, access);
      return;
    }
    // As root: below / the user may make none.
    const { created } = await root.files.makeDirectory(path, { ...access, sudo: true });
    if (!created || user === "root") return;
    await root.files.setPermissions(path, { owner: user, group: user, sudo: true });
  }
}
