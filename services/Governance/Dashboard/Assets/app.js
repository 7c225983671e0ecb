// What every page has: figures in the reader's locale, dialogs, filters without a full reload, live pages, the palette. All of it is an addition: without
// scripts the same pages work by links and forms. Types are checked from the comments (tests/Dashboard.Tests/browser).

/** @type {{createHTML(html: string): any}} */
const html = /** @type {any} */ (window).trustedTypes?.createPolicy('dashboard', { createHTML: (/** @type {string} */ text) => text }) ?? { createHTML: (/** @type {string} */ text) => text };

const locale = navigator.languages?.length ? [...navigator.languages] : undefined;
const count = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 });
const ratio = new Intl.NumberFormat(locale, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });

/** @param {number} usd */
const money = usd => new Intl.NumberFormat(locale, Math.abs(usd) >= 0.01 || usd === 0
  ? { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', minimumFractionDigits: 2, maximumFractionDigits: Math.abs(usd) >= 1 || usd === 0 ? 2 : 3 }
  : { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', maximumSignificantDigits: 3 }).format(usd);

/**
 * @param {number} value
 * @param {string} unit
 * @param {number} digits
 */
const unit = (value, unit, digits) => new Intl.NumberFormat(locale, { style: 'unit', unit, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** @param {number} micros */
const duration = micros => micros <= 0 ? '–' : micros < 1e3 ? unit(micros, 'microsecond', 0) : micros < 1e4 ? unit(micros / 1e3, 'millisecond', 1)
  : micros < 1e6 ? unit(micros / 1e3, 'millisecond', 0) : micros < 6e7 ? unit(micros / 1e6, 'second', 2) : micros < 36e8 ? unit(micros / 6e7, 'minute', 1) : unit(micros / 36e8, 'hour', 1);

/**
 * Powers of 1,024, whose names are the same in all languages: the unit of every size in the dashboard (Format.cs).
 * @param {number} size
 */
const bytes = size => {
  const digits = size < 1024 ? 0 : size < 1073741824 ? 1 : 2;
  const [divisor, name] = size < 1024 ? [1, 'B'] : size < 1048576 ? [1024, 'KiB'] : size < 1073741824 ? [1048576, 'MiB'] : [1073741824, 'GiB'];
  return `${new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(size / Number(divisor))} ${name}`;
};

/**
 * A figure in the reader's locale.
 * @param {number} value
 * @param {string | undefined} as
 */
export function say(value, as) {
  switch (as) {
    case 'usd': return money(value / 1e9);
    case 'cost': return value > 0 && value < 1e5 ? `<${money(0.0001)}` : money(value / 1e9);
    case 'compact': return Math.abs(value) >= 1e4 ? compact.format(value) : count.format(Math.round(value * 100) / 100);
    case 'micros': return duration(value);
    case 'percent': return value > 0 && value < 0.0005 ? `<${percent.format(0.001)}` : percent.format(value);
    case 'bytes': return bytes(value);
    case 'ratio': return ratio.format(value);
    default: return count.format(value);
  }
}

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const dates = {
  time: { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  minute: { dateStyle: 'short', timeStyle: 'short' },
  date: { dateStyle: 'medium' },
  day: { month: 'short', day: 'numeric' },
  clock: { hour: '2-digit', minute: '2-digit' },
};
const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });

/**
 * How long ago a moment is.
 * @param {Date} at
 */
function relative(at) {
  const seconds = (at.getTime() - Date.now()) / 1000;
  const size = Math.abs(seconds);
  return size < 60 ? ago.format(Math.round(seconds), 'second') : size < 3600 ? ago.format(Math.round(seconds / 60), 'minute')
    : size < 86400 ? ago.format(Math.round(seconds / 3600), 'hour') : ago.format(Math.round(seconds / 86400), 'day');
}

/**
 * Writes the figures and times below an element in the reader's locale and time zone.
 * @param {ParentNode} root
 */
export function localise(root) {
  for (const data of root.querySelectorAll('data[data-as]')) {
    const element = /** @type {HTMLDataElement} */ (data);
    element.textContent = say(Number(element.value), element.dataset.as);
  }
  for (const time of root.querySelectorAll('time[data-as]')) {
    const element = /** @type {HTMLTimeElement} */ (time);
    const at = new Date(element.dateTime);
    if (!Number.isNaN(at.getTime())) {
      const as = element.dataset.as ?? 'time';
      element.textContent = as === 'ago' ? relative(at) : new Intl.DateTimeFormat(locale, dates[as]).format(at);
      element.title = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' }).format(at);
    }
  }
}

const main = () => /** @type {HTMLElement} */ (document.getElementById('main'));
let loading = new AbortController();

/**
 * Takes the content of another address of the dashboard into the page.
 * @param {string} address
 * @param {{push?: boolean, quiet?: boolean}} how
 */
async function go(address, how = {}) {
  loading.abort();
  loading = new AbortController();
  const { signal } = loading;
  if (!how.quiet) {
    main().setAttribute('aria-busy', 'true');
  }
  try {
    const answer = await fetch(address, { signal, headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(html.createHTML(await answer.text()), 'text/html');
    const next = page.getElementById('main');
    if (signal.aborted || !next || answer.redirected) {
      if (!signal.aborted && !how.quiet) {
        location.assign(address);
      }
      return;
    }
    const focused = document.activeElement?.id;
    const open = [...main().querySelectorAll('details[open]')].map(d => d.querySelector('summary')?.textContent);
    main().replaceWith(next);
    document.title = page.title;
    const title = document.querySelector('.top-title h1');
    if (title) {
      title.textContent = next.dataset.title ?? '';
    }
    if (how.quiet) {
      for (const details of next.querySelectorAll('details')) {
        details.open ||= open.includes(details.querySelector('summary')?.textContent);
      }
    }
    if (how.push) {
      history.pushState(null, '', address);
    }
    if (focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
    draw();
  } catch (fault) {
    if (!signal.aborted) {
      main().removeAttribute('aria-busy');
      if (!how.quiet) {
        location.assign(address);
      }
    }
  }
}

/** What is done after every drawing. */
function draw() {
  localise(document);
  // A form that the address or a refusal opens stands in the page without scripts, and before it with them.
  for (const dialog of main().querySelectorAll('dialog.dialog[open]:not(:modal)')) {
    /** @type {HTMLDialogElement} */ (dialog).close();
    /** @type {HTMLDialogElement} */ (dialog).showModal();
  }
  document.dispatchEvent(new CustomEvent('dashboard:draw'));
}

/**
 * @param {EventTarget | null} target
 * @param {string} selector
 */
const within = (target, selector) => target instanceof Element ? target.closest(selector) : null;

document.addEventListener('click', event => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) {
    return;
  }
  const soft = within(event.target, 'a[data-soft]');
  if (soft instanceof HTMLAnchorElement) {
    event.preventDefault();
    void go(soft.href, { push: true });
    return;
  }
  const opener = within(event.target, '[data-dialog]');
  if (opener instanceof HTMLElement) {
    const dialog = document.getElementById(opener.dataset.dialog ?? '');
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const close = within(event.target, '[data-dialog-close]');
  const shown = close?.closest('dialog');
  if (shown?.matches(':modal')) {
    event.preventDefault();
    shown.close();
    return;
  }
  const copy = within(event.target, '[data-copy]');
  if (copy) {
    void navigator.clipboard?.writeText(copy.parentElement?.querySelector('code')?.textContent ?? '').then(() => {
      copy.classList.add('done');
      copy.setAttribute('title', 'Copied');
    });
  }
  if (within(event.target, '[data-palette-open]')) {
    openPalette();
  }
  for (const other of document.querySelectorAll('details.confirm[open]')) {
    if (!other.contains(/** @type {Node} */ (event.target))) {
      /** @type {HTMLDetailsElement} */ (other).open = false;
    }
  }
});

document.addEventListener('submit', event => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.matches('form[data-soft]')) {
    event.preventDefault();
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form, event.submitter)) {
      if (typeof value === 'string' && value !== '') {
        query.append(name, value);
      }
    }
    void go(`${form.action.split('?')[0]}?${query}`, { push: true });
    return;
  }
  // Once is enough: the server takes a second send for the same, but the reader should see that it is under way.
  if (form.method === 'post') {
    setTimeout(() => form.querySelectorAll('button').forEach(b => { b.disabled = true; }), 0);
  }
});

// A page that comes back from the browser's memory has its buttons again.
addEventListener('pageshow', () => document.querySelectorAll('form[method=post] button[disabled]:not([data-off])').forEach(b => { /** @type {HTMLButtonElement} */ (b).disabled = false; }));
addEventListener('popstate', () => void go(location.href));

setInterval(() => {
  const seconds = Number(main().dataset.live ?? 0);
  const isBusy = document.hidden || document.querySelector('dialog:modal') || main().querySelector('details.confirm[open]') || document.activeElement?.matches('#main input, #main select, #main textarea');
  if (seconds > 0 && !isBusy) {
    void go(location.href, { quiet: true });
  }
}, 5000);

const palette = /** @type {HTMLDialogElement | null} */ (document.getElementById('palette'));
const search = /** @type {HTMLInputElement | null} */ (document.getElementById('palette-input'));

function openPalette() {
  if (palette && search && !palette.open) {
    search.value = '';
    narrow();
    palette.showModal();
    search.focus();
  }
}

const options = () => /** @type {HTMLElement[]} */ ([...palette?.querySelectorAll('[role=option]') ?? []]);

function narrow() {
  const text = search?.value.trim().toLowerCase() ?? '';
  for (const option of options()) {
    option.hidden = option.dataset.needsText ? text.length < Number(option.dataset.needsText) : !option.textContent?.toLowerCase().includes(text);
  }
  choose(options().find(o => !o.hidden));
}

/** @param {HTMLElement | undefined} option */
function choose(option) {
  options().forEach(o => o.setAttribute('aria-selected', String(o === option)));
  search?.setAttribute('aria-activedescendant', option?.id ?? '');
  option?.scrollIntoView({ block: 'nearest' });
}

/** @param {HTMLElement | undefined} option */
function follow(option) {
  if (option) {
    location.assign((option.dataset.href ?? '') + (option.dataset.needsText ? encodeURIComponent(search?.value.trim() ?? '') : ''));
  }
}

search?.addEventListener('input', narrow);
search?.addEventListener('keydown', event => {
  const shown = options().filter(o => !o.hidden);
  const at = shown.findIndex(o => o.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    choose(shown[(at + (event.key === 'ArrowDown' ? 1 : shown.length - 1)) % shown.length]);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    follow(shown[at]);
  }
});
palette?.addEventListener('click', event => {
  const option = within(event.target, '[role=option]');
  if (option instanceof HTMLElement) {
    follow(option);
  } else if (event.target === palette) {
    palette.close();
  }
});
document.addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openPalette();
  }
});

// Fetched when a chart is first looked at closely.
document.addEventListener('pointerover', event => {
  if (within(event.target, '[data-chart] .plot-area')) {
    void import('./charts.js');
  }
});

document.documentElement.classList.add('scripted');
draw();
