import { type Ref, useState } from "react";
import { cn } from "../lib/cn.ts";
import { Spinner } from "../ui/spinner.tsx";

export interface PreviewFrameProps {
  ref: Ref<HTMLIFrameElement>;
  src: string;
  /** Another number loads the page anew, even at the same address. */
  load: number;
  /** In pixels; undefined fills the panel. */
  width: number | undefined;
}

/**
 * The app's own page. It comes from another origin than the studio and may run scripts, keep data, send forms and open
 * windows there; it may not lead the studio's own window away. While it loads anew, the page before stays in sight.
 */
export function PreviewFrame({ ref, src, load, width }: PreviewFrameProps) {
  const [loaded, setLoaded] = useState<{ src: string; load: number }>();
  const coming = { src, load };
  const isLoading = loaded?.load !== load;
  const pages = isLoading && loaded ? [loaded, coming] : [coming];
  return (
    <div
      className={cn(
        "relative flex h-full justify-center",
        width !== undefined && "overflow-auto p-3",
      )}
    >
      {pages.map((page) => {
        const isNewest = page.load === load;
        const isHidden = isNewest && pages.length > 1;
        return (
          <iframe
            key={page.load}
            ref={isNewest ? ref : undefined}
            src={page.src}
            title={isHidden ? "The app, as it loads anew" : "The app"}
            aria-hidden={isHidden}
            onLoad={() => {
              if (isNewest) setLoaded(page);
            }}
            sandbox="allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads allow-pointer-lock"
            allow="clipboard-write; fullscreen"
            className={cn(
              "h-full shrink-0 bg-white",
              width === undefined ? "w-full" : "rounded-lg border shadow-float",
              isHidden && "invisible absolute",
            )}
            style={width === undefined ? undefined : { width }}
          />
        );
      })}
      {isLoading && <Spinner className="absolute top-3 right-3 size-4 text-muted-foreground" />}
    </div>
  );
}
