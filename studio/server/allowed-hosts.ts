/** Names besides this machine's own under which the studio answers: `SANDLOT_STUDIO_HOSTS`, with commas between them. */
export function allowedHosts(): string[] {
  const names = process.env["SANDLOT_STUDIO_HOSTS"] ?? "";
  return names
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}
