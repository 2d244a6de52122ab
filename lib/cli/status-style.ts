import type { TextStyle } from "./text-style.ts";

/** The colour in which a sandbox's or session's status is shown. */
export function statusStyle(status: string): TextStyle | undefined {
  switch (status) {
    case "running":
      return "green";
    case "stopped":
      return "dim";
    case "failed":
    case "aborted":
      return "red";
    default:
      return "yellow";
  }
}
