"use client";

import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEditorView } from "../files/use-editor-view.ts";

export interface TextDiffProps {
  path: string;
  before: string;
  after: string;
}

/** What changed between two texts, line by line; what stayed is folded. Other texts need another one (a `key`). */
export function TextDiff({ path, before, after }: TextDiffProps) {
  const { place } = useEditorView({
    path,
    label: `Changes of ${path}`,
    text: after,
    extensions: () => [
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      unifiedMergeView({
        original: before,
        mergeControls: false,
        highlightChanges: before !== "" && after !== "",
        collapseUnchanged: { margin: 3, minSize: 6 },
      }),
    ],
  });
  return <div ref={place} className="max-h-[60vh] overflow-auto" />;
}
