import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { html } from '@codemirror/lang-html';
import { markdown } from '@codemirror/lang-markdown';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export type Language = 'html' | 'markdown' | 'plain';

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.heading, tags.keyword], color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.attributeName, tags.propertyName], color: 'var(--warn)' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--good)' },
  { tag: [tags.comment, tags.meta, tags.processingInstruction, tags.quote], color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: [tags.number, tags.color, tags.atom, tags.bool], color: 'var(--bad)' },
  { tag: tags.strong, fontWeight: '600' },
]);

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--ink)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.65' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '12px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-3)', border: 'none', paddingLeft: '8px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--accent) 6%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 24%, transparent)',
  },
  '.cm-panels': { backgroundColor: 'var(--paper)', color: 'var(--ink)', borderColor: 'var(--line)' },
});

/** A code editor in `parent`. `changed` hears of every change; `save` is called on Ctrl + S. */
export function makeEditor(
  parent: HTMLElement,
  options: { text: string; language: Language; readOnly: boolean; label: string; changed: (text: string) => void; save: () => void },
): EditorView {
  const languages: Record<Language, Extension> = { html: html(), markdown: markdown(), plain: [] };
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        EditorView.lineWrapping,
        EditorState.readOnly.of(options.readOnly),
        EditorView.contentAttributes.of({ 'aria-label': options.label }),
        // Escape, then Tab, leaves the editor for whoever works with the keyboard.
        keymap.of([{ key: 'Mod-s', run: () => (options.save(), true) }, ...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
        languages[options.language],
        syntaxHighlighting(colours),
        look,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.changed(update.state.doc.toString());
        }),
      ],
    }),
  });
}
