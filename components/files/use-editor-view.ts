import { type RefObject, useEffect, useRef } from "react";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { editorLook } from "./editor-look.ts";
import { languageFor } from "./languages.ts";

export interface EditorViewOptions {
  /** Says which language it is. */
  path: string;
  /** What it is, to be read out. */
  label: string;
  text: string;
  /** What it can do, by its first rendering: later ones change nothing. */
  extensions: () => Extension[];
}

/**
 * Holds a CodeMirror in the element of `place` for as long as the component is there. Another `text` takes the place
 * of what is in it; another path or label needs another component (a `key`).
 */
export function useEditorView({ path, label, text, extensions }: EditorViewOptions): {
  place: RefObject<HTMLDivElement | null>;
} {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const first = useRef({ text, extensions });

  useEffect(() => {
    if (!place.current) return undefined;
    const language = new Compartment();
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current.text,
        extensions: [
          lineNumbers(),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          ...first.current.extensions(),
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
  }, [path, label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);

  return { place };
}
