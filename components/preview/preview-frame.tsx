import { type Ref, useEffect, useRef, useState } from "react";
import { cn } from "../lib/cn.ts";
import { Spinner } from "../ui/spinner.tsx";

export interface PreviewFrameProps {
  ref: Ref<HTMLIFrameElement>;
  src: string;
  /** A new object loads the page anew. */
  load: object;
  /** In pixels; undefined fills the panel. */
  width: number | undefined;
}

/**
 * The app's own page. It comes from another origin than the studio and may run scripts, keep data, send forms and open
 * windows there; it may not lead the studio's own window away.
 */
export function PreviewFrame({ ref, src, load, width }: PreviewFrameProps) {
  const key = useCount(load);
  const [loadedKey, setLoadedKey] = useState<number>();
  return (
    <div className={cn("flex h-full justify-center", width !== undefined && "overflow-auto p-3")}>
      <iframe
        key={key}
        ref={ref}
        src={src}
        title="The app"
        onLoad={() => setLoadedKey(key)}
        sandbox="allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads allow-pointer-lock"
        allow="clipboard-write; fullscreen"
        className={cn(
          "h-full shrink-0 bg-white",
          width === undefined ? "w-full" : "rounded-lg border shadow-float",
        )}
        style={width === undefined ? undefined : { width }}
      />
      {loadedKey !== key && (
        <Spinner className="absolute top-3 right-3 size-4 text-muted-foreground" />
      )}
    </div>
  );
}

// Counts the different objects that it was given, so that each can be a key.
function useCount(value: object): number {
  const last = useRef(value);
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (last.current === value) return;
    last.current = value;
    setCount((before) => before + 1);
  }, [value]);
  return count;
}
