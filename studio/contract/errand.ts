/**
 * How the studio's and the tools' own small commands (looking for a file, listing a folder) are told from those that a
 * person wants to see: they are `sh -c SCRIPT` with this as the name of the shell, its `$0`. Lists leave them out.
 */
export const ERRAND = "sandlot-studio";
