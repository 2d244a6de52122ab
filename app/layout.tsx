import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { THEME_COOKIE, toTheme } from "@/components/lib/theme.ts";
import { Providers } from "@/components/shell/providers.tsx";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Sandlot", template: "%s · Sandlot" },
  description: "Type a prompt, watch an agent build the app in a sandbox on your own machine.",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  // The keyboard of a phone makes the page smaller instead of covering the text field.
  interactiveWidget: "resizes-content",
};

/** What every page stands in. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = toTheme((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html lang="en" data-theme={theme}>
      <body>
        <Providers theme={theme}>{children}</Providers>
      </body>
    </html>
  );
}
