// The server that the conformance suite's server scenarios are run against, alone and through the hub. It does what they ask for by name and nothing else, in both generations of the protocol:
// sessions (2025-11-25) and without (2026-07-28). Prints its address.
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const META = 'io.modelcontextprotocol/';
const CURRENT = '2026-07-28', WITH_SESSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'];
const CACHED = new Set(['server/discover', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read']);
const secret = randomUUID();
const sessions = new Map(), answers = new Map(), listeners = new Set();

class Refusal extends Error {
  constructor(code, message, { data, status = 200 } = {}) { super(message); Object.assign(this, { code, data, status }); }
}

const text = t => ({ type: 'text', text: t });
const said = (...content) => ({ content });
const elicit = (message, properties, required = Object.keys(properties)) => ({ method: 'elicitation/create', params: { message, requestedSchema: { type: 'object', properties, required } } });
const sample = (prompt, maxTokens) => ({ method: 'sampling/createMessage', params: { messages: [{ role: 'user', content: text(prompt) }], maxTokens } });
const roots = () => ({ method: 'roots/list', params: {} });
const inputs = (inputRequests, requestState) => ({ resultType: 'input_required', inputRequests, ...(requestState ? { requestState } : {}) });
const pause = ms => new Promise(done => setTimeout(done, ms));
const sign = data => { const body = JSON.stringify(data); return JSON.stringify([body, createHmac('sha256', secret).update(body).digest('hex')]); };
function verify(state) {
  try {
    const [body, mac] = JSON.parse(state);
    if (createHmac('sha256', secret).update(body).digest('hex') === mac) return JSON.parse(body);
  } catch { /* as a wrong one */ }
  throw new Refusal(-32602, 'The requestState is not the one that was given.');
}

const titled = (...names) => names.map((title, i) => ({ const: `value${i + 1}`, title }));
const choices = ['option1', 'option2', 'option3'];

// Tools of both generations.
const tools = {
  test_simple_text: () => said(text('This is a simple text response for testing.')),
  test_image_content: () => said({ type: 'image', data: PNG, mimeType: 'image/png' }),
  test_audio_content: () => said({ type: 'audio', data: WAV, mimeType: 'audio/wav' }),
  test_embedded_resource: () => said({ type: 'resource', resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' } }),
  test_multiple_content_types: () => said(
    text('Multiple content types test:'), { type: 'image', data: PNG, mimeType: 'image/png' },
    { type: 'resource', resource: { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data","value":123}' } }),
  test_error_handling: () => ({ ...said(text('This tool intentionally returns an error for testing')), isError: true }),
  async test_tool_with_logging(_, call) {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      call.tell('notifications/message', { level: 'info', data });
      await pause(20);
    }
    return said(text('Tool with logging executed successfully'));
  },
  async test_tool_with_progress(_, call) {
    const progressToken = call.params._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      call.tell('notifications/progress', { progressToken, progress, total: 100, message: `${progress} of 100` });
      await pause(20);
    }
    return said(text(String(progressToken)));
  },
};

// Those that ask in the middle of a call.
const asking = {
  test_sampling: async ({ prompt }, call) => said(text(`LLM response: ${(await call.ask(sample(prompt, 100))).content?.text}`)),
  test_elicitation: async ({ message }, call) => answered(await call.ask(elicit(message, { response: { type: 'string', description: 'The answer' } }))),
  test_elicitation_sep1034_defaults: async (_, call) => answered(await call.ask(elicit('Please look at the defaults', {
    name: { type: 'string', default: 'John Doe' }, age: { type: 'integer', default: 30 }, score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' }, verified: { type: 'boolean', default: true },
  }, []))),
  test_elicitation_sep1330_enums: async (_, call) => answered(await call.ask(elicit('Please choose', {
    untitledSingle: { type: 'string', enum: choices },
    titledSingle: { type: 'string', oneOf: titled('First Option', 'Second Option', 'Third Option') },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
    untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: choices } },
    titledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { anyOf: titled('First Choice', 'Second Choice', 'Third Choice') } },
  }, []))),
};

function answered(result) {
  return said(text(`Elicitation completed: action=${result.action}, content=${JSON.stringify(result.content ?? {})}`));
}

// Those that end a call by asking.
const field = (response, name) => response?.content?.[name];
const rounds = {
  test_input_required_result_elicitation: ({ given }) => typeof field(given.user_name, 'name') === 'string'
    ? said(text(`Hello, ${given.user_name.content.name}!`)) : inputs({ user_name: elicit('What is your name?', { name: { type: 'string' } }) }),
  test_input_required_result_sampling: ({ given }) => given.sample_request
    ? said(text(`Sampling result: ${given.sample_request.content?.text}`)) : inputs({ sample_request: sample('What is the capital of France?', 100) }),
  test_input_required_result_list_roots: ({ given }) => given.roots_request
    ? said(text(`Found ${given.roots_request.roots?.length ?? 0} root(s)`)) : inputs({ roots_request: roots() }),
  test_input_required_result_request_state: ({ given, state }) => state && given.confirm && verify(state)
    ? said(text('state-ok: the state came back')) : inputs({ confirm: elicit('Please confirm', { ok: { type: 'boolean' } }) }, sign({ kind: 'state' })),
  test_input_required_result_multiple_inputs: ({ given, state }) => state && given.user_name && given.greeting && given.client_roots && verify(state)
    ? said(text(`Name: ${field(given.user_name, 'name')}; Greeting: ${given.greeting.content?.text}; Roots: ${given.client_roots.roots?.length ?? 0}`))
    : inputs({ user_name: elicit('What is your name?', { name: { type: 'string' } }), greeting: sample('Generate a greeting', 50), client_roots: roots() }, sign({ kind: 'several' })),
  test_input_required_result_multi_round: ({ given, state }) => {
    const known = state ? verify(state) : {};
    if (known.round === 2 && given.step2) return said(text(`Multi-round complete for ${known.name} who likes ${field(given.step2, 'color')}`));
    return known.round === 1 && given.step1
      ? inputs({ step2: elicit('Step 2: What is your favorite color?', { color: { type: 'string' } }) }, sign({ round: 2, name: field(given.step1, 'name') }))
      : inputs({ step1: elicit('Step 1: What is your name?', { name: { type: 'string' } }) }, sign({ round: 1 }));
  },
  test_input_required_result_tampered_state: ({ given, state }) => state && verify(state) && given.confirm
    ? said(text('integrity-ok: state verified')) : inputs({ confirm: elicit('Please confirm', { ok: { type: 'boolean' } }) }, sign({ kind: 'whole' })),
  test_input_required_result_capabilities: ({ given, capabilities }) => {
    if (Object.keys(given).length > 0) return said(text(`capabilities-ok: received ${Object.keys(given).join(',')}`));
    const wanted = { ...(capabilities.elicitation ? { elicit_input: elicit('Elicitation input', { value: { type: 'string' } }) } : {}), ...(capabilities.sampling ? { sample_input: sample('Sample request', 50) } : {}) };
    return Object.keys(wanted).length > 0 ? inputs(wanted, sign({ kind: 'capabilities' })) : said(text('No supported capabilities declared'));
  },
  test_missing_capability: ({ capabilities }) => {
    if (!capabilities.sampling) throw new Refusal(-32021, 'The client cannot sample.', { status: 400, data: { requiredCapabilities: { sampling: {} } } });
    return said(text('Success'));
  },
  test_streaming_elicitation: ({ call }) => {
    const progressToken = call.params._meta?.progressToken;
    if (progressToken !== undefined) call.tell('notifications/progress', { progressToken, progress: 50, total: 100 });
    return said(text('Streaming complete'));
  },
  test_logging_tool: ({ call }) => {
    if (call.params._meta?.[`${META}logLevel`]) call.tell('notifications/message', { level: 'info', data: 'Logging as asked for' });
    return said(text('Logging evaluated'));
  },
  test_trigger_tool_change: () => changed('tools'),
  test_trigger_prompt_change: () => changed('prompts'),
};

function changed(what) {
  for (const listener of listeners) {
    if (listener.wanted[`${what}ListChanged`]) listener.tell(`notifications/${what}/list_changed`, {});
  }
  return said(text('Mutation triggered'));
}

const schemas = {
  test_sampling: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
  test_elicitation: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
};
const list = names => names.map(name => ({ name, description: `The suite's tool ${name}`, inputSchema: schemas[name] ?? { type: 'object', properties: {} } }));

const resources = {
  'test://static-text': { name: 'static-text', title: 'Static Text Resource', description: 'A static text resource for testing', mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  'test://static-binary': { name: 'static-binary', title: 'Static Binary Resource', description: 'A static binary resource for testing', mimeType: 'image/png', blob: PNG },
  'test://watched-resource': { name: 'watched-resource', title: 'Watched Resource', description: 'A resource to subscribe to', mimeType: 'text/plain', text: 'Watched resource content' },
};
function read(uri, isStateless) {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id) return { uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) };
  const { mimeType, text: content, blob } = resources[uri] ?? {};
  if (!mimeType) throw new Refusal(isStateless ? -32602 : -32002, 'Resource not found', { data: { uri } });
  return { uri, mimeType, ...(blob ? { blob } : { text: content }) };
}

const user = content => ({ role: 'user', content });
const prompts = {
  test_simple_prompt: { title: 'Simple', get: () => [user(text('This is a simple prompt for testing.'))] },
  test_prompt_with_arguments: { title: 'With arguments', arguments: ['arg1', 'arg2'], get: a => [user(text(`Prompt with arguments: arg1='${a.arg1}', arg2='${a.arg2}'`))] },
  test_prompt_with_embedded_resource: {
    title: 'With a resource', arguments: ['resourceUri'],
    get: a => [user({ type: 'resource', resource: { uri: a.resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' } }), user(text('Please process the embedded resource above.'))],
  },
  test_prompt_with_image: { title: 'With an image', get: () => [user({ type: 'image', data: PNG, mimeType: 'image/png' }), user(text('Please analyze the image above.'))] },
};

async function answer(call) {
  const { method, params, isStateless } = call;
  switch (method) {
    case 'tools/list': return { tools: list([...Object.keys(tools), ...Object.keys(isStateless ? rounds : asking)]) };
    case 'tools/call': {
      const own = tools[params.name] ?? (isStateless ? undefined : asking[params.name]);
      if (own) return await own(params.arguments ?? {}, call);
      if (!isStateless || !rounds[params.name]) throw new Refusal(-32602, `Unknown tool: ${params.name}`);
      return rounds[params.name]({ given: params.inputResponses ?? {}, state: params.requestState, capabilities: params._meta[`${META}clientCapabilities`], call });
    }
    case 'resources/list': return { resources: Object.entries(resources).map(([uri, { name, title, description, mimeType }]) => ({ uri, name, title, description, mimeType })) };
    case 'resources/templates/list': return { resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'template', title: 'Resource Template', description: 'A template', mimeType: 'application/json' }] };
    case 'resources/read': return { contents: [read(params.uri, isStateless)] };
    case 'prompts/list': return {
      prompts: [
        ...Object.entries(prompts).map(([name, p]) => ({ name, title: p.title, description: `The suite's prompt ${name}`, arguments: (p.arguments ?? []).map(a => ({ name: a, description: a, required: true })) })),
        ...(isStateless ? [{ name: 'test_input_required_result_prompt', description: 'A prompt that needs input' }] : []),
      ],
    };
    case 'prompts/get': {
      if (isStateless && params.name === 'test_input_required_result_prompt') {
        const context = field(params.inputResponses?.user_context, 'context');
        return context === undefined ? inputs({ user_context: elicit('What context should the prompt use?', { context: { type: 'string' } }) }) : { messages: [user(text(`Prompt with context: ${context}`))] };
      }
      if (!prompts[params.name]) throw new Refusal(-32602, `Unknown prompt: ${params.name}`);
      return { messages: prompts[params.name].get(params.arguments ?? {}) };
    }
    case 'completion/complete': return { completion: { values: [], total: 0, hasMore: false } };
  }
  if (isStateless && method === 'server/discover') {
    return { supportedVersions: [CURRENT], capabilities: { tools: { listChanged: true }, prompts: { listChanged: true }, resources: {}, completions: {} }, _meta: { [`${META}serverInfo`]: { name: 'fixture', version: '1' } } };
  }
  if (!isStateless && ['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'].includes(method)) return {};
  throw new Refusal(-32601, `Method not found: ${method}`, { status: isStateless ? 404 : 200 });
}

const error = (id, e) => ({ jsonrpc: '2.0', id: id ?? null, error: { code: e.code ?? -32603, message: e.message, ...(e.data ? { data: e.data } : {}) } });

function send(response, status, message, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(message === undefined ? undefined : JSON.stringify(message));
}

// An answer becomes a stream of events with the first message that comes before it.
async function serve(response, message, isStateless, headers) {
  let isStream = false;
  const write = sent => {
    if (!isStream) response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
    isStream = true;
    response.write(`event: message\ndata: ${JSON.stringify(sent)}\n\n`);
  };
  const call = {
    method: message.method, params: message.params ?? {}, isStateless,
    tell: (method, params) => write({ jsonrpc: '2.0', method, params }),
    ask: question => new Promise((done, fail) => {
      const id = randomUUID();
      answers.set(id, reply => reply.error ? fail(new Refusal(reply.error.code, reply.error.message)) : done(reply.result));
      write({ jsonrpc: '2.0', id, ...question });
    }),
  };
  let status = 200, reply;
  try {
    const result = await answer(call);
    reply = { jsonrpc: '2.0', id: message.id, result: isStateless ? { resultType: 'complete', ...(CACHED.has(message.method) ? { ttlMs: 300000, cacheScope: message.method === 'resources/read' ? 'private' : 'public' } : {}), ...result } : result };
  } catch (e) {
    [status, reply] = [e.status ?? 200, error(message.id, e)];
  }
  // Clients with sessions are used to events.
  if (isStream || (!isStateless && status === 200)) {
    write(reply);
    response.end();
  } else {
    send(response, status, reply, headers);
  }
}

function listen(response, message) {
  const wanted = message.params.notifications ?? {};
  const subscriptionId = message.id;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const tell = (method, params) => response.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, _meta: { [`${META}subscriptionId`]: subscriptionId } } })}\n\n`);
  const taken = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value === true && ['toolsListChanged', 'promptsListChanged'].includes(name)));
  tell('notifications/subscriptions/acknowledged', { notifications: taken });
  const listener = { wanted: taken, tell };
  listeners.add(listener);
  response.on('close', () => listeners.delete(listener));
}

function stateless(request, response, message) {
  const header = request.headers['mcp-protocol-version'], meta = message.params?._meta;
  const refuse = (code, why, more) => send(response, 400, error(message.id, new Refusal(code, why, more)));
  if (!header) return refuse(-32020, 'MCP-Protocol-Version is missing');
  if (!meta?.[`${META}protocolVersion`] || !meta[`${META}clientCapabilities`]) return refuse(-32602, '_meta lacks what it must have');
  if (header !== meta[`${META}protocolVersion`]) return refuse(-32020, 'MCP-Protocol-Version does not say what the body says');
  if (header !== CURRENT) return refuse(-32022, 'Unsupported protocol version', { data: { supported: [CURRENT], requested: header } });
  const mirrored = { 'tools/call': message.params.name, 'prompts/get': message.params.name, 'resources/read': message.params.uri }[message.method];
  if (request.headers['mcp-method'] !== message.method || (mirrored !== undefined && request.headers['mcp-name'] !== mirrored)) return refuse(-32020, 'A header does not say what the body says');
  if (message.id === undefined) return send(response, 202);
  return message.method === 'subscriptions/listen' ? listen(response, message) : serve(response, message, true);
}

async function post(request, response) {
  let message;
  try {
    let body = '';
    for await (const chunk of request) body += chunk;
    message = JSON.parse(body);
  } catch {
    return send(response, 400, error(null, new Refusal(-32700, 'Parse error')));
  }
  const id = request.headers['mcp-session-id'], version = request.headers['mcp-protocol-version'];
  if (!id && ((version && !WITH_SESSIONS.includes(version)) || message.params?._meta?.[`${META}protocolVersion`])) return stateless(request, response, message);
  if (message.method === 'initialize' && !id) {
    const session = randomUUID(), asked = message.params?.protocolVersion;
    sessions.set(session, true);
    const result = {
      protocolVersion: WITH_SESSIONS.includes(asked) ? asked : WITH_SESSIONS[0], serverInfo: { name: 'fixture', version: '1' },
      capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, prompts: { listChanged: true }, logging: {}, completions: {} },
    };
    return send(response, 200, { jsonrpc: '2.0', id: message.id, result }, { 'mcp-session-id': session });
  }
  if (!sessions.has(id)) return send(response, id ? 404 : 400, error(null, new Refusal(id ? -32001 : -32000, id ? 'Session not found' : 'The session is missing')));
  if (message.id !== undefined && message.method) return serve(response, message, false);
  answers.get(message.id)?.(message);
  answers.delete(message.id);
  return send(response, 202);
}

const server = createServer(async (request, response) => {
  const names = [request.headers.host, request.headers.origin && URL.parse(request.headers.origin)?.host].filter(Boolean).map(h => h.replace(/:\d+$/, ''));
  const id = request.headers['mcp-session-id'];
  if (names.some(n => !['localhost', '127.0.0.1', '[::1]'].includes(n))) return send(response, 403, error(null, new Refusal(-32000, 'Not from there')));
  if (request.method === 'POST') return post(request, response);
  if (!sessions.has(id)) return send(response, id ? 404 : 405);
  if (request.method === 'DELETE') return sessions.delete(id), send(response, 204);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }).flushHeaders();
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
