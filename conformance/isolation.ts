/** The isolation that this run is about: what is asked of the engine, by name, and never `auto`. */
export const ISOLATION: "process" | "namespaces" =
  process.env["SANDLOT_ISOLATION"] === "namespaces" ? "namespaces" : "process";
