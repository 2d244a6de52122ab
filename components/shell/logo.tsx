import { cn } from "../lib/cn.ts";

/** Sandlot's sign: a diamond in its lot. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 20 20"
      aria-hidden
      className={cn("size-5 shrink-0", className)}
      fill="none"
      strokeLinejoin="round"
    >
      <rect x="1" y="1" width="18" height="18" rx="5" className="fill-primary" />
      <path
        d="M10 4.6 15.4 10 10 15.4 4.6 10Z"
        className="stroke-primary-foreground"
        strokeWidth="1.6"
      />
      <circle cx="10" cy="10" r="1.4" className="fill-primary-foreground" />
    </svg>
  );
}
