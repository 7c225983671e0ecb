// Client of the conformance suite's client scenarios: registers the scenario's address as a server of a running hub and does through the hub what the scenario wants done.
// MCP_HUB: address of the hub; MCP_HUB_FILE: its registration; MCP_HUB_TOKEN: its internal token. The suite appends the scenario's address.
import { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';

const [hub, file, token] = [process.env.MCP_HUB, process.env.MCP_HUB_FILE, process.env.MCP_HUB_TOKEN];
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const version = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '2025-11-25';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const isStateless = version >= '2026';
const capabilities = { roots: {}, sampling: {}, elicitation: { form: { applyDefaults: true } } };
const pause = ms => new Promise(done => setTimeout(done, ms));
const id = `s${process.pid}${Math.random().toString(36).slice(2, 8)}`;
const url = `${hub}/mcp/${id}`;
let session, last = 0;

async function change(how) {
  const lock = `${file}.lock`;
  for (;;) {
    try { mkdirSync(lock); break; } catch { await pause(20); }
  }
  try {
    const all = JSON.parse(readFileSync(file, 'utf8'));
    all.servers = how(all.servers);
    writeFileSync(`${file}.new`, JSON.stringify(all));
    renameSync(`${file}.new`, file);
  } finally {
    rmdirSync(lock);
  }
}

// A scenario's server waits for the end of all connections, and the hub would keep its own.
async function unregister() {
  await change(servers => servers.filter(s => s.id !== id));
  for (let i = 0; i < 100; i++) {
    if ((await (await fetch(url, { method: 'DELETE', headers: headers() })).text()).includes('There is no MCP server')) return;
    await pause(50);
  }
}

async function register() {
  const server = { id, url: process.argv.at(-1), timeout: '00:00:20', callUnlisted: true };
  if (scenario.startsWith('auth/')) {
    server.oAuth = { perUser: !/client-credentials/.test(scenario), clientId: context.client_id ?? '', clientSecret: context.client_secret };
  }
  await change(servers => [...servers, server]);
  for (let i = 0; i < 100; i++) {
    if ((await fetch(url, { method: 'DELETE', headers: headers() })).status !== 404) return;
    await pause(100);
  }
}

function headers(more) {
  return {
    'content-type': 'application/json', accept: 'application/json, text/event-stream', 'x-gateway-internal-token': token, 'x-gateway-caller': id,
    ...(session ? { 'mcp-session-id': session, 'mcp-protocol-version': version } : {}), ...more,
  };
}

async function answer(message) {
  const properties = message.params?.requestedSchema?.properties ?? {};
  const content = Object.fromEntries(Object.entries(properties).filter(([, p]) => p.default !== undefined).map(([n, p]) => [n, p.default]));
  const result = message.method === 'elicitation/create' ? { action: 'accept', content }
    : message.method === 'roots/list' ? { roots: [] }
    : { role: 'assistant', content: { type: 'text', text: 'ok' }, model: 'none', stopReason: 'endTurn' };
  if (!message.id && message.id !== 0) return result;
  await fetch(url, { method: 'POST', headers: headers(), body: JSON.stringify({ jsonrpc: '2.0', id: message.id, result }) });
}

async function ask(method, params = {}) {
  const body = { jsonrpc: '2.0', id: ++last, method, params };
  let more = {};
  if (isStateless) {
    body.params = { ...params, _meta: { 'io.modelcontextprotocol/protocolVersion': version, 'io.modelcontextprotocol/clientInfo': { name: 'driver', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': capabilities } };
    more = { 'mcp-protocol-version': version, 'mcp-method': method, ...(params.name ? { 'mcp-name': params.name } : {}), ...params.headers };
    delete body.params.headers;
  }
  const response = await fetch(url, { method: 'POST', headers: headers(more), body: JSON.stringify(body) });
  session ??= response.headers.get('mcp-session-id') ?? undefined;
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return await response.json();
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    rest += chunk;
    for (let at = rest.indexOf('\n\n'); at >= 0; at = rest.indexOf('\n\n')) {
      const data = rest.slice(0, at).split('\n').filter(l => l.startsWith('data:')).map(l => l.slice(5)).join('');
      rest = rest.slice(at + 2);
      if (!data.trim()) continue;
      const message = JSON.parse(data);
      if (message.method && message.id !== undefined) await answer(message);
      else if (message.id === body.id) return message;
    }
  }
  return { error: { message: 'no answer' } };
}

async function signIn(address) {
  for (let i = 0; i < 6 && address; i++) {
    const response = await fetch(address, { redirect: 'manual' });
    const next = response.headers.get('location') && new URL(response.headers.get('location'), address);
    // The hub says where browsers reach the gateway; here that is the hub itself.
    address = next && (next.pathname === '/mcp-connect/callback' ? `${hub}${next.pathname}${next.search}` : next.href);
  }
}

// Signs in where the hub says so, and brings what input is asked for.
async function settled(method, params) {
  let sent = params;
  for (let i = 0; i < 8; i++) {
    const reply = await ask(method, sent);
    const connect = reply.error?.data?.connectAt ?? reply.result?._meta?.['gateway/connectAt'];
    if (connect) { await signIn(connect); continue; }
    if (reply.result?.resultType !== 'input_required') return reply;
    const inputResponses = {};
    for (const [key, request] of Object.entries(reply.result.inputRequests ?? {})) inputResponses[key] = await answer(request);
    sent = { ...params, inputResponses, ...(reply.result.requestState ? { requestState: reply.result.requestState } : {}) };
  }
  return { error: { message: 'it does not settle' } };
}

function mirrored(tool, args) {
  const found = {};
  const walk = (schema, value) => {
    for (const [name, property] of Object.entries(schema?.properties ?? {})) {
      const there = value?.[name];
      if (property['x-mcp-header'] && there !== undefined && there !== null) {
        const text = String(there);
        const plain = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/.test(text) && !(text.startsWith('=?base64?') && text.endsWith('?='));
        found[`mcp-param-${property['x-mcp-header']}`] = plain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
      }
      walk(property, there);
    }
  };
  walk(tool.inputSchema, args);
  return found;
}

await register();
if (!isStateless) {
  await settled('initialize', { protocolVersion: version, capabilities, clientInfo: { name: 'driver', version: '1' } });
  await fetch(url, { method: 'POST', headers: headers(), body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }) });
}
const list = await settled('tools/list', {});
const tools = list.result?.tools ?? [];
const echo = tools.find(t => t.name === 'json_schema_echo');
const calls = context.toolCalls ?? (echo
  ? [{ name: echo.name, arguments: { schema: tools.find(t => t.name === 'json_schema_2020_12_tool')?.inputSchema } }]
  : scenario === 'json-schema-ref-no-deref' ? [] : tools.map(t => ({ name: t.name, arguments: { a: 2, b: 3 } })));
for (const call of calls) {
  const tool = tools.find(t => t.name === call.name);
  const reply = await settled('tools/call', { name: call.name, arguments: call.arguments ?? {}, ...(isStateless && tool ? { headers: mirrored(tool, call.arguments) } : {}) });
  console.log(call.name, JSON.stringify(reply).slice(0, 300));
}
if (!isStateless && tools.length === 0) console.log(JSON.stringify(list).slice(0, 300));
for (const [method, member, get] of [['prompts/list', 'prompts', p => ['prompts/get', { name: p.name }]], ['resources/list', 'resources', r => ['resources/read', { uri: r.uri }]]]) {
  if (scenario !== 'http-standard-headers') break;
  for (const item of (await settled(method, {})).result?.[member] ?? []) {
    const [name, params] = get(item);
    await settled(name, isStateless ? { ...params, headers: { 'mcp-name': params.name ?? params.uri } } : params);
  }
}
if (session) await fetch(url, { method: 'DELETE', headers: headers() });
await unregister();
process.exit(list.result ? 0 : 1);
