import { type Ref, useState } from "react";
import { cn } from "../lib/cn.ts";
import { Spinner } from "../ui/spinner.tsx";

export interface PreviewFrameProps {
  ref: Ref<HTMLIFrameElement>;
  src: string;
  /** In pixels; undefined fills the panel. */
  width: number | undefined;
}

/**
 * The app's own page. It comes from another origin than the studio and may run scripts, keep data, send forms and open
 * windows there; it may not lead the studio's own window away. Another `key` loads it anew.
 */
export function PreviewFrame({ ref, src, width }: PreviewFrameProps) {
  const [loaded, setLoaded] = useState(false);
  return (
    <div className={cn("flex h-full justify-center", width !== undefined && "overflow-auto p-3")}>
      <iframe
        ref={ref}
        src={src}
        title="The app"
        onLoad={() => setLoaded(true)}
        sandbox="allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads allow-pointer-lock"
        allow="clipboard-write; fullscreen"
        className={cn(
          "h-full shrink-0 bg-white",
          width === undefined ? "w-full" : "rounded-lg border shadow-float",
        )}
        style={width === undefined ? undefined : { width }}
      />
      {!loaded && <Spinner className="absolute top-3 right-3 size-4 text-muted-foreground" />}
    </div>
  );
}
