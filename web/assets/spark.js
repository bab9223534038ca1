// A sparkline of both versions on one axis, from 0 up; a gap is what nobody counted.

import { h } from './dom.js';
import { dash } from './format.js';
import { t } from './i18n.js';

const width = 240;
const height = 36;

export function spark(name, write) {
  const lines = [h('svg:path', { class: 'v1' }), h('svg:path', { class: 'v2' })];
  const ends = [h('svg:circle', { class: 'v1', r: 2.2 }), h('svg:circle', { class: 'v2', r: 2.2 })];
  const top = h('span', { class: 'top', 'aria-hidden': 'true' });
  const drawing = h('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img' },
    h('svg:line', { class: 'base', x1: 0, x2: width, y1: height - 1, y2: height - 1 }), lines);
  const element = h('div', { class: 'sparkline' }, drawing, top);
  let drawn;
  return {
    element,
    update(series, versions, key) {
      if (!series || drawn === series) return;
      drawn = series;
      const points = versions.map((v) => series.versions[v]?.[key] ?? []);
      const largest = Math.max(...points.flat().filter((x) => x !== null), 0);
      versions.forEach((_, i) => lines[i].setAttribute('d', path(points[i], largest || 1)));
      top.textContent = largest > 0 ? write(largest) : '';
      const last = (i) => write(points[i].findLast((x) => x !== null) ?? null);
      drawing.setAttribute('aria-label', t('spark.label', { name, v1: versions[0], v2: versions[1], last1: points[0].some((x) => x !== null) ? last(0) : dash, last2: points[1].some((x) => x !== null) ? last(1) : dash, top: write(largest) }));
    },
  };
}

function path(points, largest) {
  let d = '';
  let open = false;
  points.forEach((x, i) => {
    if (x === null) {
      open = false;
      return;
    }
    const px = points.length > 1 ? (i / (points.length - 1)) * width : 0;
    const py = height - 2 - (x / largest) * (height - 5);
    d += `${open ? 'L' : 'M'}${px.toFixed(1)} ${py.toFixed(1)}`;
    if (!open && (i + 1 === points.length || points[i + 1] === null)) d += 'h1.5';
    open = true;
  });
  return d;
}
