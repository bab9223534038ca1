// Numbers are rounded by their error, carry their unit, and have thousands
// separated; what is unknown is a dash and never 0. Times are UTC and say so.

import { language, t } from './i18n.js';

export const dash = '–';
const minus = '−';

const group = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

// decimal writes a number with so many decimals and a true minus sign.
export function decimal(x, decimals, sign = false) {
  if (x === null || x === undefined || !Number.isFinite(x)) return dash;
  const text = new Intl.NumberFormat('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(Math.abs(x));
  if (!/[1-9]/.test(text)) return text;
  return (x < 0 ? minus : sign ? '+' : '') + text;
}

export function count(n) {
  return n === null || n === undefined ? dash : group.format(n);
}

// decimalsFor leaves two significant digits of a half-width.
export function decimalsFor(halfWidth) {
  if (!Number.isFinite(halfWidth) || halfWidth <= 0) return 0;
  const exponent = Number(halfWidth.toExponential(1).split('e')[1]);
  return Math.min(9, Math.max(0, 1 - exponent));
}

// significant writes a number with three significant digits.
export function significant(x) {
  if (x === null || x === undefined || !Number.isFinite(x)) return dash;
  const size = Math.abs(x);
  return decimal(x, size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2);
}

// percent writes a share; never 0 % or 100 % of what is neither.
export function percent(x, decimals = 1) {
  if (x === null || x === undefined || !Number.isFinite(x)) return dash;
  const least = 10 ** -decimals;
  const y = 100 * x;
  if (y === 0) return '0 %';
  if (y > 0 && y < least / 2) return `< ${decimal(least, decimals)} %`;
  if (y < 100 && y > 100 - least / 2) return `> ${decimal(100 - least, decimals)} %`;
  return `${decimal(y, decimals)} %`;
}

// share writes a share that somebody declared, without rounding it away.
export function share(x) {
  return `${Number((100 * x).toPrecision(6))} %`;
}

export function duration(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return dash;
  if (ms < 999.5) return `${decimal(ms, ms < 10 ? 1 : 0)} ms`;
  return `${significant(ms / 1000)} s`;
}

// span writes a stretch of time as people say it.
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90 && s !== 60) return t('span.seconds', { n: s });
  if (s < 90 * 60 && s !== 3600) return t('span.minutes', { n: Math.round(s / 60) });
  if (s < 48 * 3600) return t('span.hours', { n: Number((s / 3600).toFixed(s < 36000 ? 1 : 0)) });
  return t('span.days', { n: Number((s / 86400).toFixed(s < 864000 ? 1 : 0)) });
}

const pad = (n) => String(n).padStart(2, '0');

// clock is the time of a moment, with its day where that is not today.
export function clock(moment, seconds = false) {
  const d = new Date(moment);
  if (Number.isNaN(d.getTime())) return dash;
  const time = `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}${seconds ? `:${pad(d.getUTCSeconds())}` : ''}`;
  const now = new Date();
  if (d.toISOString().slice(0, 10) === now.toISOString().slice(0, 10)) return `${time} UTC`;
  const day = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    day: 'numeric', month: 'short', timeZone: 'UTC', ...(d.getUTCFullYear() === now.getUTCFullYear() ? {} : { year: 'numeric' }),
  }).format(d);
  return `${day} ${time} UTC`;
}

// when is a moment as an element: what is shown is short, its title is whole.
export function ago(moment) {
  const seconds = (Date.now() - new Date(moment).getTime()) / 1000;
  return seconds < 0 ? clock(moment) : t('ago', { span: span(seconds) });
}

export function bytes(n) {
  if (n < 1024) return `${count(n)} B`;
  if (n < 1024 ** 2) return `${decimal(n / 1024, 0)} KiB`;
  return `${decimal(n / 1024 ** 2, 1)} MiB`;
}
