/** The parts of a project's page, as a phone shows them: one at a time. */
export const VIEWS = ["chat", "preview", "files", "history", "terminal", "logs"] as const;
export type View = (typeof VIEWS)[number];

/** Views of the upper area. */
export const MAIN_VIEWS = ["preview", "files", "history"] as const;
export type MainView = (typeof MAIN_VIEWS)[number];

/** Views of the area below. */
export const DOCK_VIEWS = ["logs", "terminal"] as const;
type DockView = (typeof DOCK_VIEWS)[number];

/** What is open in a project's page. On wide screens chat, one main view and one dock view are seen at once. */
export interface ViewState {
  /** What a phone shows. */
  view: View;
  main: MainView;
  dock: DockView;
  /** Whether the dock is folded away. */
  dockFolded: boolean;
  /** The file in the editor. */
  openPath: string | undefined;
  /** The command whose output is shown; the newest if undefined. */
  openCommand: string | undefined;
  /** The checkpoint whose changes are shown. */
  openDiff: string | undefined;
  /** The message to bring into sight; a new object for each jump. */
  jump: { messageId: string } | undefined;
}

export const INITIAL_VIEW: ViewState = {
  view: "chat",
  main: "preview",
  dock: "logs",
  dockFolded: false,
  openPath: undefined,
  openCommand: undefined,
  openDiff: undefined,
  jump: undefined,
};

/** Brings a part of the page into sight, whatever the screen. */
export function withView(state: ViewState, view: View): ViewState {
  const main = MAIN_VIEWS.find((name) => name === view) ?? state.main;
  const dock = DOCK_VIEWS.find((name) => name === view) ?? state.dock;
  const unfolds = DOCK_VIEWS.some((name) => name === view);
  return { ...state, view, main, dock, dockFolded: unfolds ? false : state.dockFolded };
}
