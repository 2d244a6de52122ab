/** A file of an app that the demo model writes. */
export interface DemoFile {
  path: string;
  content: string;
}

/** A further change of such a file. */
export interface DemoEdit {
  path: string;
  search: string;
  replace: string;
}
