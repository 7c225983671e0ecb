// The TypeScript SDKs as clients of a hub. Arguments: the hub's address, its internal token. Prints what each client met, a line of JSON each.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [hub, token] = process.argv.slice(2);
const url = new URL(`${hub}/mcp`);
const requestInit = { headers: { 'x-gateway-internal-token': token, 'x-gateway-caller': 'npm' } };
const who = { name: 'clients', version: '1' };
const eventSourceInit = { fetch: (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...requestInit.headers } }) };

async function meet(name, client, transport) {
  const facts = { client: name };
  try {
    await client.connect(transport);
    facts.server = client.getServerVersion()?.name;
    const { tools } = await client.listTools();
    facts.servers = [...new Set(tools.map(t => t.name.split('__')[0]))].sort();
    const echo = await client.callTool({ name: 'everything__echo', arguments: { message: 'hello' } });
    facts.echo = echo.content[0].text;
    const image = await client.callTool({ name: 'everything__get-tiny-image', arguments: {} });
    facts.kinds = [...new Set(image.content.map(c => c.type))].sort();
    let steps = 0;
    const long = { name: 'everything__trigger-long-running-operation', arguments: { duration: 0.4, steps: 4 } };
    const options = { onprogress: () => steps++ };
    await (client instanceof OlderClient ? client.callTool(long, undefined, options) : client.callTool(long, options));
    facts.progress = steps;
    facts.prompts = (await client.listPrompts()).prompts.some(p => p.name.startsWith('everything__'));
    const { resources } = await client.listResources();
    facts.read = (await client.readResource({ uri: resources.find(r => r.uri.includes('://')).uri })).contents.length > 0;
    try {
      const bad = await client.callTool({ name: 'everything__nobody', arguments: {} });
      facts.unknown = bad.isError === true;
    } catch (e) {
      facts.unknown = e.code === -32602;
    }
    await client.close();
  } catch (e) {
    facts.failed = String(e.stack ?? e).slice(0, 600);
  }
  console.log(JSON.stringify(facts));
}

await meet('sdk', new OlderClient(who), new OlderTransport(url, { requestInit }));
await meet('sdk sse', new OlderClient(who), new SSEClientTransport(url, { requestInit, eventSourceInit }));
await meet('client', new Client(who), new StreamableHTTPClientTransport(url, { requestInit }));
await meet('client 2026-07-28', new Client(who, { versionNegotiation: { mode: { pin: '2026-07-28' } } }), new StreamableHTTPClientTransport(url, { requestInit }));
process.exit(0);
