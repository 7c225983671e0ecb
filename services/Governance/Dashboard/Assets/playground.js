// Calls models from the browser, as an application does: with a virtual key, over the public API of the same address.

/** @typedef {{role: string, content: string | null, tool_calls?: any[]}} Turn */
/** @typedef {{pane: HTMLElement, turns: Turn[]}} Side */

const KEY = 'gateway-playground-key';
const root = () => /** @type {HTMLElement | null} */ (document.querySelector('[data-playground]'));

/** @param {string} name */
const field = name => /** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (document.getElementById(`play-${name}`));

/** @type {Record<string, Side>} */
const sides = {};
/** @type {AbortController | undefined} */
let running;

function begin() {
  const key = field('key');
  if (!key || !root()) {
    return;
  }
  // A key that was just made is new; else the one of this tab.
  if (key.value) {
    sessionStorage.setItem(KEY, key.value);
  } else {
    key.value = sessionStorage.getItem(KEY) ?? '';
  }
  for (const pane of document.querySelectorAll('[data-pane]')) {
    const element = /** @type {HTMLElement} */ (pane);
    sides[element.dataset.pane ?? ''] = { pane: element, turns: [] };
  }
}

/**
 * @param {string} tag
 * @param {string} name
 * @param {string} [text]
 */
function element(tag, name, text = '') {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

/**
 * @param {Side} side
 * @param {string} who
 * @param {string} text
 */
function turn(side, who, text) {
  const list = /** @type {HTMLElement} */ (side.pane.querySelector('[data-turns]'));
  list.querySelector('.empty')?.remove();
  const made = element('div', `turn ${who}`);
  made.append(element('span', 'turn-who', who));
  const body = element('div', 'turn-text', text);
  made.append(body);
  list.append(made);
  return body;
}

/**
 * @param {Side} side
 * @param {[string, string, string?][]} facts
 */
function tell(side, facts) {
  const list = /** @type {HTMLElement} */ (side.pane.querySelector('[data-facts]'));
  list.replaceChildren(...facts.flatMap(([name, value, href]) => {
    const what = element('dd', '');
    if (href) {
      const link = document.createElement('a');
      link.href = href;
      link.textContent = value;
      what.append(link);
    } else {
      what.textContent = value;
    }
    return [element('dt', '', name), what];
  }));
}

/**
 * What the gateway says of an answer in its headers.
 * @param {Response} answer
 * @returns {[string, string, string?][]}
 */
function said(answer) {
  /** @type {[string, string, string?][]} */
  const facts = [];
  for (const [name, value] of answer.headers) {
    if (name === 'x-gateway-request-id') {
      facts.unshift(['request', value, `/dashboard/requests?requestId=${encodeURIComponent(value)}`]);
    } else if (name.startsWith('x-gateway-') || name.startsWith('x-ratelimit-remaining')) {
      facts.push([name.replace(/^x-(gateway-)?/, '').replaceAll('-', ' '), value.length > 400 ? `${value.slice(0, 400)}…` : value]);
    }
  }
  return facts;
}

/**
 * Events of a stream as they come.
 * @param {ReadableStream<Uint8Array>} stream
 */
async function* events(stream) {
  const reader = stream.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += value ?? '';
    const lines = rest.split(/\r?\n/);
    rest = done ? '' : lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:') && line.slice(5).trim() !== '[DONE]') {
        yield JSON.parse(line.slice(5));
      }
    }
    if (done) {
      return;
    }
  }
}

/** @param {string} name */
function json(name) {
  const text = field(name)?.value.trim() ?? '';
  return text === '' ? undefined : JSON.parse(text);
}

/**
 * @param {Side} side
 * @param {string} model
 * @param {AbortSignal} signal
 */
async function ask(side, model, signal) {
  const message = field('message')?.value ?? '';
  const system = field('system')?.value.trim();
  const isStream = /** @type {HTMLInputElement} */ (field('stream')).checked;
  const isFresh = /** @type {HTMLInputElement} */ (field('fresh')).checked;
  const note = side.pane.querySelector('[data-model]');
  if (note) {
    note.textContent = model;
  }
  turn(side, 'you', message);
  side.turns.push({ role: 'user', content: message });
  const text = turn(side, 'model', '');
  text.classList.add('waiting');
  tell(side, []);
  const began = performance.now();
  /** @type {[string, string, string?][]} */
  let facts = [];
  try {
    const body = {
      model,
      messages: [...(system ? [{ role: 'system', content: system }] : []), ...(json('earlier') ?? []), ...side.turns],
      ...(field('temperature')?.value ? { temperature: Number(field('temperature')?.value) } : {}),
      ...(field('max')?.value ? { max_tokens: Number(field('max')?.value) } : {}),
      ...(json('tools') ? { tools: json('tools') } : {}),
      ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
    };
    const answer = await fetch('/v1/chat/completions', {
      method: 'POST', signal, credentials: 'omit',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${field('key')?.value ?? ''}`, ...(isFresh ? { 'cache-control': 'no-cache' } : {}) },
      body: JSON.stringify(body),
    });
    facts = said(answer);
    tell(side, facts);
    if (!answer.ok) {
      const problem = await answer.json().catch(() => undefined);
      throw new Error(problem?.error?.message ?? `The gateway answered ${answer.status}.`);
    }
    const reply = isStream && answer.body ? await stream(answer.body, text, began, facts) : await whole(answer, text, facts);
    facts.push(['took', `${Math.round(performance.now() - began)} ms`]);
    side.turns.push(reply);
  } catch (fault) {
    side.turns.pop();
    text.classList.add('failed');
    text.textContent += (text.textContent ? '\n' : '') + (signal.aborted ? 'Stopped.' : /** @type {Error} */ (fault).message);
  } finally {
    text.classList.remove('waiting');
    tell(side, facts);
  }
}

/**
 * @param {any} usage
 * @param {[string, string, string?][]} facts
 */
function count(usage, facts) {
  if (usage) {
    facts.push(['tokens', `${usage.prompt_tokens ?? 0} in, ${usage.completion_tokens ?? 0} out${usage.prompt_tokens_details?.cached_tokens ? `, ${usage.prompt_tokens_details.cached_tokens} cached` : ''}`]);
  }
}

/**
 * @param {any[]} calls
 * @param {HTMLElement} text
 */
function showCalls(calls, text) {
  for (const call of calls) {
    text.append(element('code', 'tool-call', `${call.function?.name}(${call.function?.arguments ?? ''})`));
  }
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {HTMLElement} text
 * @param {number} began
 * @param {[string, string, string?][]} facts
 * @returns {Promise<Turn>}
 */
async function stream(body, text, began, facts) {
  let content = '';
  /** @type {any[]} */
  const calls = [];
  let first = true;
  for await (const event of events(body)) {
    if (event.error) {
      throw new Error(event.error.message);
    }
    const delta = event.choices?.[0]?.delta;
    if (first && (delta?.content || delta?.tool_calls)) {
      first = false;
      facts.push(['first token', `${Math.round(performance.now() - began)} ms`]);
    }
    if (delta?.content) {
      content += delta.content;
      text.textContent = content;
    }
    for (const call of delta?.tool_calls ?? []) {
      calls[call.index] ??= { id: call.id, type: 'function', function: { name: '', arguments: '' } };
      calls[call.index].function.name += call.function?.name ?? '';
      calls[call.index].function.arguments += call.function?.arguments ?? '';
    }
    const reason = event.choices?.[0]?.finish_reason;
    if (reason) {
      facts.push(['finished', reason]);
    }
    count(event.usage, facts);
  }
  showCalls(calls, text);
  return { role: 'assistant', content: content || null, ...(calls.length ? { tool_calls: calls } : {}) };
}

/**
 * @param {Response} answer
 * @param {HTMLElement} text
 * @param {[string, string, string?][]} facts
 * @returns {Promise<Turn>}
 */
async function whole(answer, text, facts) {
  const body = await answer.json();
  const message = body.choices?.[0]?.message ?? { role: 'assistant', content: '' };
  text.textContent = message.content ?? '';
  showCalls(message.tool_calls ?? [], text);
  if (body.choices?.[0]?.finish_reason) {
    facts.push(['finished', body.choices[0].finish_reason]);
  }
  count(body.usage, facts);
  return message;
}

/** @param {boolean} isRunning */
function buttons(isRunning) {
  const [send, stop] = /** @type {HTMLButtonElement[]} */ ([document.querySelector('[data-send]'), document.querySelector('[data-stop]')]);
  if (send && stop) {
    send.disabled = isRunning;
    stop.disabled = !isRunning;
  }
}

async function send() {
  if (running || !field('message')?.value.trim()) {
    field('message')?.focus();
    return;
  }
  const key = field('key')?.value ?? '';
  if (key) {
    sessionStorage.setItem(KEY, key);
  }
  const other = field('other')?.value.trim();
  sides.b.pane.hidden = !other;
  running = new AbortController();
  buttons(true);
  try {
    await Promise.all([ask(sides.a, field('model')?.value.trim() ?? '', running.signal), ...(other ? [ask(sides.b, other, running.signal)] : [])]);
  } finally {
    running = undefined;
    buttons(false);
  }
}

document.addEventListener('click', event => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest('[data-send]')) {
    void send();
  } else if (target?.closest('[data-stop]')) {
    running?.abort();
  } else if (target?.closest('[data-forget]')) {
    for (const side of Object.values(sides)) {
      side.turns = [];
      side.pane.querySelector('[data-turns]')?.replaceChildren();
      tell(side, []);
    }
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target instanceof Element && event.target.closest('[data-playground]')) {
    event.preventDefault();
    void send();
  }
});
begin();
