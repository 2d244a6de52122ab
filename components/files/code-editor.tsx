"use client";

import { useEffect, useRef } from "react";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
} from "@codemirror/view";
import { useEditorView } from "./use-editor-view.ts";

export interface CodeEditorProps {
  path: string;
  /** What the file holds. Another value replaces what is in the editor. */
  text: string;
  onChange: (text: string) => void;
  onSave: () => void;
}

/**
 * An editor for one file; another path needs another editor (a `key`). Tab indents; Escape and then Tab leaves it, as
 * in every CodeMirror.
 */
export function CodeEditor({ path, text, onChange, onSave }: CodeEditorProps) {
  const latest = useRef({ onChange, onSave });
  useEffect(() => {
    latest.current = { onChange, onSave };
  });
  const { place } = useEditorView({
    path,
    label: `Content of ${path}`,
    text,
    extensions: () => [
      highlightActiveLineGutter(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      keymap.of([
        {
          key: "Mod-s",
          preventDefault: true,
          run: () => {
            latest.current.onSave();
            return true;
          },
        },
        ...defaultKeymap,
        ...historyKeymap,
        ...searchKeymap,
        indentWithTab,
      ]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) latest.current.onChange(update.state.doc.toString());
      }),
    ],
  });
  return <div ref={place} className="h-full min-h-0 overflow-hidden" />;
}
