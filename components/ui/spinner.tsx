import { LoaderCircle } from "lucide-react";
import { cn } from "../lib/cn.ts";

/** Something is going on. What, is said in words beside it. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn("size-3.5 animate-spin", className)} />;
}
