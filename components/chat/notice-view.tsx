import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { Notice } from "@/studio/contract/message.ts";
import { cn } from "../lib/cn.ts";

const LOOKS = {
  info: { Icon: Info, box: "bg-muted", icon: "text-muted-foreground" },
  warning: { Icon: TriangleAlert, box: "bg-warning-soft border-warning/30", icon: "text-warning" },
  error: {
    Icon: CircleAlert,
    box: "bg-destructive-soft border-destructive/30",
    icon: "text-destructive",
  },
} as const;

/** A sentence of the studio's own in an answer, and what to do. */
export function NoticeView({ notice }: { notice: Notice }) {
  const { Icon, box, icon } = LOOKS[notice.level];
  return (
    <div role="note" className={cn("flex gap-2.5 rounded-lg border px-3 py-2", box)}>
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", icon)} />
      <div className="min-w-0">
        <p className="break-words">{notice.text}</p>
        {notice.nextStep && <p className="break-words text-muted-foreground">{notice.nextStep}</p>}
      </div>
    </div>
  );
}
