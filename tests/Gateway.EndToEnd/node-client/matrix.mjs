// Usage: node matrix.mjs SETTINGS, JSON of {url, key, poorKey, providers, only}. Each client is asked the same of each provider;
// one JSON line {client, provider, case, facts} for each case, which the end-to-end tests compare with what is expected.
import { placeSchema, parse } from "./clients/common.mjs";

const settings = JSON.parse(process.argv[2]);
const modules = ["openai", "anthropic", "google", "bedrock", "cohere", "ai-sdk", "langchain"];
const factories = (await Promise.all(modules.map((m) => import(`./clients/${m}.mjs`)))).flatMap((m) => m.default);

const common = (q) => ({ system: "You are brief.", prompt: "What is the weather in Oslo?", ...q });
const facts = ({ text, finish, output }) => ({ text, finish, output });
const callsOf = ({ calls }) => calls.map((c) => `${c.name}(${Object.keys(c.args ?? {})}:${typeof c.args?.city})`);

// Never the words of an error: they differ, and the class and status are what applications act on.
const refusal = async (asking) => {
  try {
    await asking();
    return { raised: false };
  } catch (e) {
    const status = e.status ?? e.statusCode ?? e.$metadata?.httpStatusCode ?? e.lastError?.statusCode ?? null;
    return status === null ? { raised: true, status, error: `${e.name}: ${e.message}`.slice(0, 200) } : { raised: true, status };
  }
};

const turns = async (client, q) => {
  const asked = await client.ask(q);
  const answered = await client.ask({ ...q, after: asked });
  return { calls: callsOf(asked), finish: asked.finish, ids: new Set(asked.calls.map((c, i) => c.id ?? i)).size, then: facts(answered), thought: asked.thought };
};

const withoutThought = ({ thought: _, ...rest }) => rest;

const cases = {
  plain: (c, p) => c.ask(common({ model: p + "-text" })).then(facts),
  stream: async (c, p) => {
    const answer = await c.ask(common({ model: p + "-text", stream: true }));
    return { ...facts(answer), inPieces: answer.pieces > 1 };
  },
  conversation: async (c, p) => {
    const q = common({ model: p + "-text" });
    return facts(await c.ask({ ...q, after: await c.ask(q), say: "And in Bergen?" }));
  },
  "conversation streamed": async (c, p) => {
    const q = common({ model: p + "-text", stream: true });
    return facts(await c.ask({ ...q, after: await c.ask(q), say: "And in Bergen?" }));
  },
  tools: async (c, p) => withoutThought(await turns(c, common({ model: p + "-tools", tools: true }))),
  "tools streamed": async (c, p) => withoutThought(await turns(c, common({ model: p + "-tools", tools: true, stream: true }))),
  image: (c, p) => c.can.includes("image") && c.ask(common({ model: p + "-text", image: true, system: `You are ${c.name} before ${p}.` })).then(facts),
  json: async (c, p) => {
    if (!c.can.includes("json")) {
      return null;
    }
    const value = parse((await c.ask(common({ model: p + "-json", schema: true }))).text);
    return { keys: Object.keys(value ?? {}), expected: Object.keys(placeSchema.properties).every((k) => value?.[k] !== undefined) };
  },
  thinking: (c, p) => c.can.includes("think") && turns(c, common({ model: p + "-think", tools: true, think: true })),
  "thinking streamed": (c, p) => c.can.includes("think") && turns(c, common({ model: p + "-think", tools: true, think: true, stream: true })),
  "provider limit": (c, p) => refusal(() => c.ask(common({ model: p + "-limit" }))),
  "provider refuses": (c, p) => refusal(() => c.ask(common({ model: p + "-refuse", stream: true }))),
  "provider fails": (c, p) => refusal(() => c.ask(common({ model: p + "-fail" }))),
};

for (const kind of ["cut", "unfinished", "error"]) {
  // Whether text came before is left open: a client drops what it has not yet read when the connection breaks.
  cases[`stream ${kind}`] = async (c, p) => {
    const { raised } = await refusal(() => c.ask(common({ model: `${p}-${kind}`, stream: true })));
    return { raised };
  };
}

const alone = {
  "wrong key": (make, p) => refusal(() => make({ ...settings, key: "gw-0000000000000000000000000000000000000000000" }).ask(common({ model: p + "-text" }))),
  "unknown model": (make) => refusal(() => make(settings).ask(common({ model: "no-such-model" }))),
  "unknown model streamed": (make) => refusal(() => make(settings).ask(common({ model: "no-such-model", stream: true }))),
  "no budget": (make, p) => refusal(() => make({ ...settings, key: settings.poorKey }).ask(common({ model: p + "-text" }))),
};

const report = async (client, provider, name, run) => {
  let found;
  try {
    found = await run();
  } catch (e) {
    found = { failed: `${e.name}: ${e.message}`.slice(0, 400) };
  }

  if (found) {
    console.log(JSON.stringify({ client, provider, case: name, facts: found }));
  }
};

for (const make of factories) {
  const client = make(settings);
  if (settings.only && !settings.only.includes(client.name)) {
    continue;
  }

  for (const provider of settings.providers) {
    // Cases of a pair run together: they share nothing but the client.
    await Promise.all(Object.entries(cases).map(([name, run]) => report(client.name, provider, name, () => run(client, provider))));
  }

  for (const [name, run] of Object.entries(alone)) {
    await report(client.name, "", name, () => run(make, settings.providers[0]));
  }
}

// Clients keep connections open.
process.exit(0);
