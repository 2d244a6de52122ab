"use client";

import { Toast as Primitive } from "radix-ui";
import { CircleCheck, TriangleAlert, X } from "lucide-react";
import { useToasts } from "../lib/toasts.ts";
import { IconButton } from "./icon-button.tsx";

/** Where short messages appear. Errors stay until they are closed. */
export function Toaster() {
  const { toasts, dismiss } = useToasts();
  return (
    <Primitive.Provider swipeDirection="right">
      {toasts.map(({ id, tone, title, detail }) => (
        <Primitive.Root
          key={id}
          type={tone === "error" ? "foreground" : "background"}
          duration={tone === "error" ? Number.POSITIVE_INFINITY : 4_000}
          onOpenChange={(open) => {
            if (!open) dismiss(id);
          }}
          className="flex animate-appear items-start gap-2.5 rounded-lg border bg-popover p-3 shadow-float"
        >
          {tone === "error" ? (
            <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-destructive" />
          ) : (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
          )}
          <div className="min-w-0 flex-1">
            <Primitive.Title className="font-medium">{title}</Primitive.Title>
            {detail && (
              <Primitive.Description className="break-words text-muted-foreground">
                {detail}
              </Primitive.Description>
            )}
          </div>
          <Primitive.Close asChild>
            <IconButton label="Dismiss" className="-mt-1 -mr-1">
              <X />
            </IconButton>
          </Primitive.Close>
        </Primitive.Root>
      ))}
      <Primitive.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(22rem,calc(100vw-2rem))] flex-col gap-2 max-md:bottom-16" />
    </Primitive.Provider>
  );
}
