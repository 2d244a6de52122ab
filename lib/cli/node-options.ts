/**
 * NODE_OPTIONS with one more module that is loaded first. A module that is there already, also from
 * another copy of the package, is not named twice.
 */
export function withPreload(nodeOptions: string, moduleUrl: string): string {
  return [withoutPreload(nodeOptions), `--import=${moduleUrl}`].filter(Boolean).join(" ");
}

/** NODE_OPTIONS without what `withPreload` added, now or in an earlier version. */
export function withoutPreload(nodeOptions: string): string {
  return splitOptions(nodeOptions)
    .filter((option) => !isOurs(option))
    .join(" ");
}

// Node splits at spaces, except within double quotes, where a backslash escapes.
function splitOptions(text: string): string[] {
  return text.match(/(?:"(?:\\.|[^"\\])*"|\S)+/g) ?? [];
}

function isOurs(option: string): boolean {
  // As built, and as it lies in this repository.
  return /^--import=.*\/(?:sandlot\/dist|lib\/dist|lib)\/register\/index\.[jt]s$/.test(option);
}
