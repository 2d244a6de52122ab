/**
 * NODE_OPTIONS with one more module that is loaded first. A module that is there already, also from
 * another copy of the package, is not named twice.
 */
export function withPreload(nodeOptions: string, moduleUrl: string): string {
  return [withoutPreload(nodeOptions, moduleUrl), `--import=${moduleUrl}`]
    .filter(Boolean)
    .join(" ");
}

/** NODE_OPTIONS without what `withPreload` added for the module, now or in an earlier version. */
export function withoutPreload(nodeOptions: string, moduleUrl: string): string {
  const file = /[^/]*$/.exec(moduleUrl)![0].replace(/\.[jt]s$/, "");
  return splitOptions(nodeOptions)
    .filter((option) => !isOurs(option, file))
    .join(" ");
}

// Node splits at spaces, except within double quotes, where a backslash escapes.
function splitOptions(text: string): string[] {
  return text.match(/(?:"(?:\\.|[^"\\])*"|\S)+/g) ?? [];
}

function isOurs(option: string, file: string): boolean {
  // As built, and as it lies in this repository.
  const parts = /^--import=.*\/(?:sandlot\/dist|lib\/dist|lib)\/register\/([a-z]+)\.[jt]s$/.exec(
    option,
  );
  return parts?.[1] === file;
}
