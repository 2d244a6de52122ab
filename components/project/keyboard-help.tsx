import { Fragment } from "react";
import { Dialog } from "../ui/dialog.tsx";

const KEYS: readonly { keys: readonly string[]; what: string }[] = [
  { keys: ["F6"], what: "To the next area: chat, app, logs" },
  { keys: ["Shift", "F6"], what: "To the area before" },
  { keys: ["←", "→"], what: "Along the tabs of an area" },
  { keys: ["↑", "↓"], what: "Along the files; → opens a folder, ← closes it" },
  { keys: ["Enter"], what: "Send the message" },
  { keys: ["Shift", "Enter"], what: "A new line in the message" },
  { keys: ["Ctrl", "S"], what: "Save the file (⌘ S on a Mac)" },
  { keys: ["Esc", "Tab"], what: "One after the other: out of the editor, where Tab indents" },
];

export interface KeyboardHelpProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** What the keys do on a project's page. */
export function KeyboardHelp({ open, onOpenChange }: KeyboardHelpProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Keyboard"
      description="Everything can be reached without a mouse. A terminal keeps all keys but F6."
    >
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-2">
        {KEYS.map(({ keys, what }) => (
          <Fragment key={what}>
            <dt className="flex gap-1">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="min-w-6 rounded-sm border bg-muted px-1.5 text-center text-xs"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-muted-foreground">{what}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
