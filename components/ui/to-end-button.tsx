import { ArrowDown } from "lucide-react";
import { cn } from "../lib/cn.ts";
import { Button } from "./button.tsx";

export interface ToEndButtonProps {
  /** Whether the end is in sight: then there is no button. */
  atEnd: boolean;
  onClick: () => void;
  children: string;
  className?: string;
}

/** Leads back to the end of something that grows. It floats above it. */
export function ToEndButton({ atEnd, onClick, children, className }: ToEndButtonProps) {
  if (atEnd) return null;
  return (
    <Button
      onClick={onClick}
      className={cn("absolute animate-appear rounded-full shadow-float", className)}
    >
      <ArrowDown />
      {children}
    </Button>
  );
}
