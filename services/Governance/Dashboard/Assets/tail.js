// Requests as they end, at the head of the list, from the event stream of the admin API.
import { localise } from './app.js';

const MOST = 200;
/** @type {EventSource | undefined} */
let source;

const button = () => /** @type {HTMLButtonElement | null} */ (document.querySelector('[data-tail]'));
const body = () => document.querySelector('[data-tail-into]');

/** @param {string} text */
function say(text) {
  const label = button()?.querySelector('span');
  if (label) {
    label.textContent = text;
  }
}

function stop() {
  source?.close();
  source = undefined;
  button()?.setAttribute('aria-pressed', 'false');
  say('Watch live');
}

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [name]
 */
function element(tag, text, name = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = name;
  return made;
}

/**
 * @param {number} value
 * @param {string} as
 */
function figure(value, as) {
  const cell = element('td', '', 'right');
  const data = document.createElement('data');
  data.value = String(value);
  data.dataset.as = as;
  cell.append(data);
  return cell;
}

/**
 * @param {string} text
 * @param {string} below
 */
function named(text, below) {
  const cell = element('td', text || '–');
  cell.append(element('span', below, 'sub'));
  return cell;
}

/** @param {any} item */
function row(item) {
  const r = item.record;
  const made = element('tr', '', 'new');
  const time = element('td', '');
  const link = document.createElement('a');
  link.href = `/dashboard/requests/${encodeURIComponent(item.id)}`;
  const when = document.createElement('time');
  when.dateTime = item.startedAt;
  when.dataset.as = 'time';
  link.append(when);
  time.append(link);
  const outcome = element('td', '');
  const tone = r.outcome === 'Completed' ? 'good' : ['Rejected', 'ContentBlocked', 'BudgetStopped', 'KeyRevoked'].includes(r.outcome) ? 'warn' : r.outcome === 'ClientCancelled' ? '' : 'bad';
  const why = r.outcome === 'Completed' ? '' : (r.errorCode || r.outcome.replace(/[A-Z]/g, (/** @type {string} */ c, /** @type {number} */ i) => (i > 0 ? ' ' : '') + c.toLowerCase())).replaceAll('_', ' ');
  outcome.append(element('span', String(r.status || why), `badge ${tone}`));
  const how = [r.status ? why : '', r.stream ? 'streamed' : '', !r.cache || r.cache === 'None' ? '' : r.cache === 'Shared' ? 'shared call' : `${r.cache.toLowerCase()} cache hit`].filter(t => t);
  if (how.length > 0) {
    outcome.append(element('span', how.join(', '), 'sub'));
  }
  const t = r.tokens;
  const tokens = figure(t.input + t.cacheRead + t.cacheWrite + t.cacheWriteHour, 'compact');
  tokens.append(element('span', ' → ', 'faint'), ...figure(t.output + t.reasoning, 'compact').childNodes);
  made.append(time, outcome, named(r.model, r.deployment || r.provider), named(item.keyName || r.key, r.team), tokens, figure(r.firstByteMicros, 'micros'), figure(r.durationMicros, 'micros'), figure(r.costNanoUsd, 'cost'));
  localise(made);
  return made;
}

function start() {
  const filters = new URLSearchParams(location.search);
  for (const name of ['range', 'from', 'to', 'after', 'text', 'requestId', 'live', 'done']) {
    filters.delete(name);
  }
  source = new EventSource(`/api/logs/tail?${filters}`);
  button()?.setAttribute('aria-pressed', 'true');
  say('Connecting…');
  source.onopen = () => say('Live: stop');
  source.addEventListener('request', event => {
    document.querySelector('[data-tail-empty]')?.remove();
    const into = body();
    into?.prepend(row(JSON.parse(/** @type {MessageEvent} */ (event).data)));
    while (into && into.children.length > MOST) {
      into.lastElementChild?.remove();
    }
  });
  source.addEventListener('left-out', event => say(`Live: stop (${/** @type {MessageEvent} */ (event).data} not shown)`));
  source.onerror = () => say(source?.readyState === EventSource.CLOSED ? 'Refused: watch again' : 'Connecting…');
}

document.addEventListener('click', event => {
  if (event.target instanceof Element && event.target.closest('[data-tail]')) {
    if (source && source.readyState !== EventSource.CLOSED) {
      stop();
    } else {
      start();
    }
  }
});
// Other filters are another stream.
document.addEventListener('dashboard:draw', () => {
  if (source) {
    source.close();
    start();
  }
});
