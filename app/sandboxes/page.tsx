import type { Metadata } from "next";
import { SandboxesPage } from "@/components/sandboxes/sandboxes-page.tsx";

export const metadata: Metadata = { title: "Sandboxes" };

/** All sandboxes of the engine. */
export default function Page() {
  return <SandboxesPage />;
}
