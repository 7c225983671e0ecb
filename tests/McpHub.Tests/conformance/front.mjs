// Stands before a hub for clients that cannot send its internal token, as the edge does. FRONT_TO: address of the hub; MCP_HUB_TOKEN: its token. Prints its address.
import { createServer, request } from 'node:http';

const to = new URL(process.env.FRONT_TO);
createServer((incoming, outgoing) => {
  const headers = { ...incoming.headers, 'x-gateway-internal-token': process.env.MCP_HUB_TOKEN, 'x-gateway-caller': 'conformance' };
  const sent = request({ host: to.hostname, port: to.port, path: incoming.url, method: incoming.method, headers }, answer => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  sent.on('error', () => outgoing.destroy());
  outgoing.on('close', () => sent.destroy());
  incoming.pipe(sent);
}).listen(0, '127.0.0.1', function () { console.log(`http://127.0.0.1:${this.address().port}`); });
