import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

// The sizes that app/globals.css adds: without this they would be taken for colours.
const merge = extendTailwindMerge({
  extend: { classGroups: { "font-size": [{ text: ["2xs", "ui"] }] } },
});

/** Joins class names; of two that contradict each other, the later one stays. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
