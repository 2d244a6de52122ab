import type { ReactNode } from "react";
import { RadioGroup } from "radix-ui";
import { cn } from "../lib/cn.ts";

interface Segment<Value extends string> {
  value: Value;
  label: string;
  icon?: ReactNode;
}

export interface SegmentedProps<Value extends string> {
  /** What is chosen with it. */
  label: string;
  value: Value;
  onValueChange: (value: Value) => void;
  segments: readonly Segment<Value>[];
  /** Shows the signs only; the labels are still read out. */
  iconsOnly?: boolean;
  className?: string;
}

/** A few choices side by side, one of which is taken. */
export function Segmented<Value extends string>({
  label,
  value,
  onValueChange,
  segments,
  iconsOnly = false,
  className,
}: SegmentedProps<Value>) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => {
        const chosen = segments.find((segment) => segment.value === next);
        if (chosen) onValueChange(chosen.value);
      }}
      orientation="horizontal"
      className={cn("inline-flex items-center rounded-md bg-muted p-0.5", className)}
    >
      {segments.map((segment) => (
        <RadioGroup.Item
          key={segment.value}
          value={segment.value}
          {...(iconsOnly ? { "aria-label": segment.label, title: segment.label } : {})}
          className="inline-flex h-6 flex-1 items-center justify-center gap-1.5 rounded-sm px-2 text-xs font-medium text-muted-foreground transition-colors hover:text-foreground data-[state=checked]:bg-card data-[state=checked]:text-foreground data-[state=checked]:shadow-card [&_svg]:size-3.5"
        >
          {segment.icon}
          {!iconsOnly && segment.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
