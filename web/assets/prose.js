// What people and models wrote, shown as it is and whole: as text, apart from the
// direction of what surrounds it, with marks where a character would hide or turn
// what one reads, and long ones folded.

import { h } from './dom.js';
import { count } from './format.js';
import { t } from './i18n.js';

// Characters that turn, hide or end what stands around them.
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

const folded = 4000;

export function prose(text, kind = '') {
  const body = h('div', { class: `prose ${kind}`, dir: 'auto' });
  if (text.length <= folded) {
    body.append(...marked(text));
    return body;
  }
  const shown = h('span', {}, ...marked(text.slice(0, folded)));
  const rest = h('button', { type: 'button', class: 'plain', click: () => {
    rest.remove();
    body.append(...pieces(text, folded).map((p) => h('div', { class: 'piece' }, ...marked(p))));
  } }, t('prose.all', { n: count(text.length) }));
  body.append(shown, rest);
  return body;
}

// A browser lays out a line of a megabyte in minutes, and the same in pieces, of
// which it draws those that are looked at, in no time.
const piece = 4000;

function pieces(text, from) {
  const out = [];
  while (from < text.length) {
    let to = Math.min(from + piece, text.length);
    const line = text.lastIndexOf('\n', to - 1) + 1;
    if (to < text.length && line > from) to = line;
    else if (to < text.length && text.charCodeAt(to) >= 0xdc00 && text.charCodeAt(to) <= 0xdfff) to += 1; // no character is cut
    out.push(text.slice(from, to));
    from = to;
  }
  return out;
}

// marked puts a visible name in the place of each such character.
export function marked(text) {
  const out = [];
  let from = 0;
  for (const found of text.matchAll(hidden)) {
    if (found.index > from) out.push(text.slice(from, found.index));
    const code = found[0].codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
    out.push(h('span', { class: 'control', title: t('prose.control') }, `U+${code}`));
    from = found.index + found[0].length;
  }
  out.push(text.slice(from));
  return out;
}

// line is a short text on one line.
export function line(text) {
  return h('bdi', {}, ...marked(text.replace(/\s+/g, ' ')));
}
