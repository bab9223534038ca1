// Calls of the control plane. The token is in sessionStorage: this tab's alone,
// gone with it, and sent by nobody but this script.

const KEY = 'weir.token';

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function token() {
  return sessionStorage.getItem(KEY);
}

export function remember(value) {
  if (value) sessionStorage.setItem(KEY, value);
  else sessionStorage.removeItem(KEY);
}

let left = () => {};

// onLeave is told when the token is not taken any more.
export function onLeave(f) {
  left = f;
}

function headers(more) {
  return { Authorization: `Bearer ${token()}`, ...more };
}

async function failed(response) {
  let error = {};
  try {
    ({ error } = await response.json());
  } catch {
    // something before the control plane answered
  }
  if (response.status === 401) left();
  return new ApiError(response.status, error?.code ?? 'failed', error?.message ?? response.statusText);
}

async function call(method, path, { body, match, signal } = {}) {
  const more = {};
  if (body !== undefined) more['Content-Type'] = 'application/json';
  if (match !== undefined) more['If-Match'] = `"${match}"`;
  let response;
  try {
    response = await fetch(path, {
      method, headers: headers(more), signal, cache: 'no-store', credentials: 'omit', redirect: 'error',
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'unreachable', String(cause.message));
  }
  if (!response.ok) throw await failed(response);
  return response;
}

export async function get(path, options) {
  return (await call('GET', path, options)).json();
}

export async function send(method, path, options) {
  return (await call(method, path, options)).json();
}

export async function download(path, options) {
  return (await call('GET', path, options)).blob();
}

// quiet is how long a stream may say nothing before it is taken for lost: the
// server speaks every six seconds.
const quiet = 15_000;

// stream reads server-sent events until it fails or is aborted. EventSource
// cannot carry a token, so it is read here.
export async function stream(path, { signal, opened, event }) {
  const ending = new AbortController();
  signal.addEventListener('abort', () => ending.abort(), { once: true });
  let timer = setTimeout(() => ending.abort(), quiet);
  try {
    const response = await call('GET', path, { signal: ending.signal });
    opened();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => ending.abort(), quiet);
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const name = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        event(name ?? '', name ? JSON.parse(data) : null);
      }
    }
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}
