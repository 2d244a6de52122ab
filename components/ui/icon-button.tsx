import type { ReactNode } from "react";
import { cn } from "../lib/cn.ts";
import { Button, type ButtonProps } from "./button.tsx";
import { Tooltip } from "./tooltip.tsx";

export interface IconButtonProps extends Omit<ButtonProps, "children" | "aria-label"> {
  /** Its name, read out and shown when pointed at. */
  label: string;
  children: ReactNode;
}

/** A button that shows only a sign. */
export function IconButton({ label, children, className, ...props }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <Button
        variant="ghost"
        size="icon"
        aria-label={label}
        className={cn("data-[active=true]:bg-accent data-[active=true]:text-foreground", className)}
        {...props}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
