"use client";

import { type ReactNode, useState } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Tooltip } from "radix-ui";
import { StudioError } from "@/studio/contract/errors.ts";
import type { Theme } from "../lib/theme.ts";
import { Toaster } from "../ui/toaster.tsx";
import { ThemeProvider } from "./theme-provider.tsx";

const AWAY_RETRY_MS = 3_000;

/** What every page needs around it. */
export function Providers({ theme, children }: { theme: Theme; children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({
        // The server is on this machine: asking again costs nothing, and a second try answers no better.
        defaultOptions: {
          queries: {
            retry: false,
            staleTime: 1_000,
            // While the studio is away, what was asked for is asked again: the page goes on by itself.
            refetchInterval: ({ state }) =>
              state.error instanceof StudioError && state.error.code === "upstream"
                ? AWAY_RETRY_MS
                : false,
          },
        },
      }),
  );
  return (
    <QueryClientProvider client={queries}>
      <ThemeProvider initial={theme}>
        <Tooltip.Provider delayDuration={350} skipDelayDuration={200}>
          {children}
          <Toaster />
        </Tooltip.Provider>
      </ThemeProvider>
    </QueryClientProvider>
  );
}
