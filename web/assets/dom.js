// Elements are made by hand and texts are set as text: nothing that anybody wrote
// is ever read as markup.

const SVG = 'http://www.w3.org/2000/svg';

// h makes an element. Attributes that are null, undefined or false are left out;
// true is the bare attribute; functions listen to the event of their name.
export function h(name, attributes = {}, ...children) {
  const vector = name === 'svg' || name.startsWith('svg:');
  const element = vector
    ? document.createElementNS(SVG, name.replace('svg:', ''))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (key === 'value') element.value = value;
    else if (key === 'style') for (const [property, v] of Object.entries(value)) element.style.setProperty(property, v);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

// fill puts children in the place of what an element holds.
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

// text changes a text only where it has changed, so that nothing is read out or
// painted again for nothing.
export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

// glyphs go with every colour.
export const glyphs = { better: '▲', worse: '▼', within: '●', good: '●', open: '○', unknown: '✕' };

// mark is a glyph that says nothing by itself: the word beside it does.
export function mark(state) {
  return h('span', { class: `mark ${state}`, 'aria-hidden': 'true' }, glyphs[state]);
}

let serial = 0;

// unique is an id for what labels something else.
export function unique() {
  serial += 1;
  return `w${serial}`;
}
