"use client";

import { useEffect, useRef } from "react";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { editorLook } from "./editor-look.ts";
import { languageFor } from "./languages.ts";

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
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ onChange, onSave });
  useEffect(() => {
    latest.current = { onChange, onSave };
  });

  const initial = useRef(text);
  useEffect(() => {
    if (!place.current) return undefined;
    const language = new Compartment();
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: initial.current,
        extensions: [
          lineNumbers(),
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
          EditorView.contentAttributes.of({ "aria-label": `Content of ${path}`, tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          language.of([]),
          editorLook,
        ],
      }),
    });
    view.current = editor;
    let left = false;
    void languageFor(path).then((support) => {
      if (!left) editor.dispatch({ effects: language.reconfigure(support) });
    });
    return () => {
      left = true;
      editor.destroy();
      view.current = null;
    };
  }, [path]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);

  return <div ref={place} className="h-full min-h-0 overflow-hidden" />;
}
