import { memo } from "react";
import { Streamdown } from "streamdown";

/** What a model wrote, as Markdown. Its HTML is cleaned, its links ask before they lead away, its images are not loaded. */
export const Markdown = memo(function Markdown({
  text,
  growing,
}: {
  text: string;
  growing: boolean;
}) {
  return (
    <Streamdown
      className="prose-chat"
      isAnimating={growing}
      mode={growing ? "streaming" : "static"}
      controls={{ code: { copy: true, download: false }, table: false }}
      components={{ img: ImageName }}
    >
      {text}
    </Streamdown>
  );
});

// A page of the studio loads nothing from elsewhere: an image of a model's choice could carry data away.
function ImageName(props: object) {
  const alt = "alt" in props && typeof props.alt === "string" ? props.alt : "";
  return <span className="text-muted-foreground">[{alt || "an image"}]</span>;
}
