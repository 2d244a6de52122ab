"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "../lib/cn.ts";
import { Logo } from "./logo.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

const PLACES = [
  { href: "/", label: "Projects" },
  { href: "/sandboxes", label: "Sandboxes" },
] as const;

/** The head of the pages that belong to no project. */
export function SiteHeader() {
  const path = usePathname();
  return (
    <header className="flex h-12 shrink-0 items-center gap-4 border-b bg-card px-4">
      <Link href="/" className="flex items-center gap-2 rounded-md text-sm font-semibold">
        <Logo />
        Sandlot
      </Link>
      <nav aria-label="Main" className="flex gap-1">
        {PLACES.map(({ href, label }) => (
          <Link
            key={href}
            href={href}
            {...(path === href ? { "aria-current": "page" as const } : {})}
            className={cn(
              "rounded-md px-2 py-1 text-muted-foreground transition-colors hover:text-foreground",
              path === href && "bg-accent font-medium text-foreground",
            )}
          >
            {label}
          </Link>
        ))}
      </nav>
      <div className="ml-auto">
        <ThemeSwitch />
      </div>
    </header>
  );
}
