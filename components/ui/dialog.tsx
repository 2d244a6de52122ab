import { type ReactNode, useRef } from "react";
import { Dialog as Primitive } from "radix-ui";
import { X } from "lucide-react";
import { cn } from "../lib/cn.ts";
import { Button } from "./button.tsx";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What it is about, in a sentence. */
  description?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A window above the page. The focus stays in it until it is closed, and then goes back. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  className,
}: DialogProps) {
  const before = useRef<Element>(null);
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 animate-appear bg-black/35" />
        <Primitive.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={() => {
            before.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            // The primitive knows only a trigger of its own, and there is none.
            event.preventDefault();
            if (before.current instanceof HTMLElement) before.current.focus();
          }}
          className={cn(
            "fixed top-1/2 left-1/2 z-50 flex max-h-[85dvh] w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 flex-col gap-4 rounded-xl border bg-popover p-5 shadow-float",
            className,
          )}
        >
          <div className="space-y-1 pr-7">
            <Primitive.Title className="text-sm font-semibold">{title}</Primitive.Title>
            {description && (
              <Primitive.Description className="text-muted-foreground">
                {description}
              </Primitive.Description>
            )}
          </div>
          {children}
          {/* The last in order, so that the focus begins with what the dialog is for. */}
          <Primitive.Close asChild>
            <Button
              variant="ghost"
              size="icon"
              aria-label="Close"
              className="absolute top-4 right-4"
            >
              <X />
            </Button>
          </Primitive.Close>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
