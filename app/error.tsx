"use client";

import { Failure } from "@/components/ui/failure.tsx";

/** What is shown when a page breaks: why, and a way to try again. */
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main className="flex h-dvh items-center justify-center p-6">
      <Failure
        title="This page has a fault"
        error={error}
        onRetry={reset}
        className="w-full max-w-lg"
      />
    </main>
  );
}
