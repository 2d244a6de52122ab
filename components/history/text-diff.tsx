"use client";

import { useEffect, useRef } from "react";
import { unifiedMergeView } from "@codemirror/merge";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { editorLook } from "../files/editor-look.ts";
import { languageFor } from "../files/languages.ts";

export interface TextDiffProps {
  path: string;
  before: string;
  after: string;
}

/** What changed between two texts, line by line; what stayed is folded. */
export function TextDiff({ path, before, after }: TextDiffProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return undefined;
    const language = new Compartment();
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: after,
        extensions: [
          lineNumbers(),
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ "aria-label": `Changes of ${path}`, tabindex: "0" }),
          unifiedMergeView({
            original: before,
            mergeControls: false,
            highlightChanges: before !== "" && after !== "",
            collapseUnchanged: { margin: 3, minSize: 6 },
          }),
          language.of([]),
          editorLook,
        ],
      }),
    });
    let left = false;
    void languageFor(path).then((support) => {
      if (!left) editor.dispatch({ effects: language.reconfigure(support) });
    });
    return () => {
      left = true;
      editor.destroy();
    };
  }, [path, before, after]);
  return <div ref={place} className="max-h-[60vh] overflow-auto" />;
}
