import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { ProjectEvent } from "@/studio/contract/events.ts";
import type { Project } from "@/studio/contract/project.ts";
import { applyProjectEvent, initialProjectState, type ProjectState } from "./project-state.ts";
import { INITIAL_VIEW, type View, type ViewState, withView } from "./view-state.ts";

/** Whether the server's events arrive. */
type Connection = "connecting" | "open" | "lost";

export interface ProjectStoreState extends ProjectState {
  connection: Connection;
  ui: ViewState;
  apply: (event: ProjectEvent) => void;
  setConnection: (connection: Connection) => void;
  /** Takes the server's answer to a change, before its event comes. */
  setProject: (project: Project) => void;
  show: (view: View) => void;
  foldDock: (folded: boolean) => void;
  openFile: (path: string) => void;
  closeFile: () => void;
  /** Undefined follows the newest. */
  openCommand: (cmdId: string | undefined) => void;
  openDiff: (checkpointId: string | undefined) => void;
  jumpTo: (messageId: string) => void;
}

export type ProjectStore = StoreApi<ProjectStoreState>;

/** What one project's page knows and shows. */
export function createProjectStore(project: Project): ProjectStore {
  return createStore<ProjectStoreState>()((set) => {
    const setUi = (change: (ui: ViewState) => ViewState) => set(({ ui }) => ({ ui: change(ui) }));
    return {
      ...initialProjectState(project),
      connection: "connecting",
      ui: INITIAL_VIEW,
      apply: (event) => set((state) => applyProjectEvent(state, event)),
      setConnection: (connection) => set({ connection }),
      setProject: (next) =>
        set((state) => applyProjectEvent(state, { type: "project", project: next })),
      show: (view) => setUi((ui) => withView(ui, view)),
      foldDock: (dockFolded) => setUi((ui) => ({ ...ui, dockFolded })),
      openFile: (openPath) => setUi((ui) => ({ ...withView(ui, "files"), openPath })),
      closeFile: () => setUi((ui) => ({ ...ui, openPath: undefined })),
      openCommand: (openCommand) => setUi((ui) => ({ ...withView(ui, "logs"), openCommand })),
      openDiff: (openDiff) => setUi((ui) => ({ ...withView(ui, "history"), openDiff })),
      jumpTo: (messageId) => setUi((ui) => ({ ...withView(ui, "chat"), jump: { messageId } })),
    };
  });
}

const Context = createContext<ProjectStore | undefined>(undefined);

/** Gives a project's page its store. */
export const ProjectStoreProvider = Context.Provider;

/** The store itself, for what happens outside of rendering. */
export function useProjectStore(): ProjectStore {
  const store = useContext(Context);
  if (!store)
    throw new Error("This part belongs on a project's page, inside its store's provider.");
  return store;
}

/** A part of what the project's page knows; renders again when that part changes. */
export function useProject<Part>(select: (state: ProjectStoreState) => Part): Part {
  return useStore(useProjectStore(), select);
}
