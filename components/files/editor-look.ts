import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// The page's own colours: they follow light and dark by themselves.
const style = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--ansi-magenta)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--ansi-green)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--ansi-yellow)" },
  { tag: [tags.comment, tags.meta], color: "var(--muted-foreground)", fontStyle: "italic" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName)],
    color: "var(--ansi-blue)",
  },
  { tag: [tags.tagName, tags.typeName, tags.className], color: "var(--ansi-red)" },
  { tag: [tags.attributeName, tags.propertyName], color: "var(--ansi-cyan)" },
  { tag: tags.heading, fontWeight: "600" },
  { tag: tags.link, textDecoration: "underline" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--card)", color: "var(--foreground)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-mono)",
    fontVariantLigatures: "none",
    fontFeatureSettings: "normal",
    fontSize: "12.5px",
    lineHeight: "1.6",
  },
  ".cm-content": { caretColor: "var(--primary)", padding: "8px 0" },
  ".cm-gutters": {
    backgroundColor: "var(--card)",
    color: "var(--muted-foreground)",
    border: "none",
    paddingRight: "4px",
  },
  ".cm-activeLine, .cm-activeLineGutter": {
    backgroundColor: "color-mix(in oklab, var(--accent) 55%, transparent)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection":
    { backgroundColor: "color-mix(in oklab, var(--primary) 24%, transparent) !important" },
  ".cm-cursor": { borderLeftColor: "var(--primary)" },
  ".cm-panels": {
    backgroundColor: "var(--popover)",
    color: "var(--foreground)",
    borderColor: "var(--border)",
  },
  ".cm-panels input, .cm-panels button": { fontSize: "12px" },
  ".cm-textfield": {
    border: "1px solid var(--input)",
    borderRadius: "5px",
    backgroundColor: "var(--card)",
  },
  ".cm-button": {
    backgroundImage: "none",
    backgroundColor: "var(--muted)",
    border: "1px solid var(--input)",
    borderRadius: "5px",
  },
  ".cm-searchMatch": { backgroundColor: "color-mix(in oklab, var(--warning) 30%, transparent)" },
  ".cm-searchMatch-selected": {
    backgroundColor: "color-mix(in oklab, var(--primary) 45%, transparent)",
  },
  ".cm-collapsedLines": {
    backgroundColor: "var(--muted)",
    backgroundImage: "none",
    color: "var(--muted-foreground)",
  },
  ".cm-changedLine, .cm-insertedLine": { backgroundColor: "var(--success-soft)" },
  ".cm-deletedChunk": { backgroundColor: "var(--destructive-soft)" },
  ".cm-changedText": {
    background: "color-mix(in oklab, var(--success) 15%, transparent) !important",
  },
  ".cm-deletedText, .cm-deletedLine del": {
    background: "color-mix(in oklab, var(--destructive) 13%, transparent)",
    textDecoration: "none",
  },
});

/** How the editor and the diffs look. */
export const editorLook = [theme, syntaxHighlighting(style)];
