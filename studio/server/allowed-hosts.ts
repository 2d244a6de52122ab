/** The studio's own variables, with what a person should know of each. */
export const STUDIO_VARIABLES = {
  SANDLOT_STUDIO_HOSTS:
    "Names besides localhost under which the studio answers, with commas between them. For a studio behind a proxy of your own that asks who is there: the studio itself does not.",
} as const;

/** Names besides this machine's own under which the studio answers. */
export function allowedHosts(): string[] {
  const names = process.env["SANDLOT_STUDIO_HOSTS"] ?? "";
  return names
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}
