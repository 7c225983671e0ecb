// Usage: node scenarios.mjs BASE_URL KEY DEV_KEY. Prints one JSON line of facts per scenario; the end-to-end tests assert them.
import OpenAI from "openai";

const [baseURL, key, devKey] = process.argv.slice(2);
// Without retries of its own, so that each scenario sees what the gateway said.
const connect = (apiKey, defaultHeaders) => new OpenAI({ baseURL, apiKey, defaultHeaders, maxRetries: 0, timeout: 60_000 });
const client = connect(key);
const messages = [{ role: "user", content: "What is the weather in Oslo?" }];
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "Current weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

const isJson = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const read = async (from, body, onText = () => {}) => {
  const seen = { text: "", pieces: 0, finish: null, name: "", arguments: "" };
  for await (const chunk of await from.chat.completions.create({ ...body, messages, stream: true })) {
    const choice = chunk.choices[0];
    seen.finish = choice?.finish_reason ?? seen.finish;
    const call = choice?.delta?.tool_calls?.[0];
    seen.name += call?.function?.name ?? "";
    seen.arguments += call?.function?.arguments ?? "";
    if (choice?.delta?.content) {
      seen.text += choice.delta.content;
      seen.pieces++;
      onText();
    }
  }
  return seen;
};

const refused = async (from, model) => {
  try {
    await from.chat.completions.create({ model, messages });
    return { error: null };
  } catch (e) {
    return { error: e.constructor.name, status: e.status, code: e.code, headers: e.headers };
  }
};

const refusal = async (from, model) => {
  const { headers: _, ...facts } = await refused(from, model);
  return facts;
};

// In pieces over some time: a client drops what it has not yet read when the connection breaks.
const broken = async (model) => {
  let sawText = false;
  try {
    await read(client, { model }, () => (sawText = true));
    return { threw: false, sawText };
  } catch {
    return { threw: true, sawText };
  }
};

const scenarios = {
  plain: async () => {
    const answer = await client.chat.completions.create({ model: "sim-js-plain?tokens=5", messages });
    const choice = answer.choices[0];
    return { finish: choice.finish_reason, hasText: choice.message.content.length > 0, completionTokens: answer.usage.completion_tokens };
  },
  stream: async () => {
    const seen = await read(client, { model: "sim-js-stream?text=one%20two%20three" });
    return { text: seen.text, inPieces: seen.pieces >= 3, finish: seen.finish };
  },
  tools: async () => {
    const answer = await client.chat.completions.create({ model: "sim-js-tools?tools=2", messages, tools });
    const calls = answer.choices[0].message.tool_calls;
    return {
      finish: answer.choices[0].finish_reason,
      names: calls.map((c) => c.function.name),
      argumentsAreJson: calls.every((c) => isJson(c.function.arguments)),
    };
  },
  "tools streamed": async () => {
    const seen = await read(client, { model: "sim-js-tools?tools=1", tools });
    return { finish: seen.finish, name: seen.name, argumentsAreJson: isJson(seen.arguments) };
  },
  embeddings: async () => {
    const answer = await client.embeddings.create({ model: "sim-js-embedding", input: ["one", "two"], dimensions: 8 });
    return { indexes: answer.data.map((d) => d.index), lengths: answer.data.map((d) => d.embedding.length) };
  },
  models: async () => {
    const ids = (await client.models.list()).data.map((m) => m.id);
    return { hasDemo: ids.includes("demo"), hasDown: ids.includes("down") };
  },
  "x-api-key": async () => {
    // The client always sends a bearer key unless the header is taken out by name.
    const other = connect("unused", { Authorization: null, "x-api-key": key });
    const answer = await other.chat.completions.create({ model: "sim-js-header", messages });
    return { finish: answer.choices[0].finish_reason };
  },
  demo: async () => {
    const dev = connect(devKey);
    const plain = (await dev.chat.completions.create({ model: "demo", messages })).choices[0].message.content;
    const streamed = (await read(dev, { model: "demo" })).text;
    return { namesItself: plain.includes("demo"), sameStreamed: plain === streamed };
  },
  "wrong key": () => refusal(connect("gw-0000000000000000000000000000000000000000000"), "demo"),
  "unknown model": () => refusal(client, "no-such-model"),
  "provider down": () => refusal(client, "down"),
  "provider limit": async () => {
    const { headers, ...facts } = await refused(client, "limited-js?status=429&retryAfter=7");
    return { ...facts, retryAfter: headers?.get("retry-after") };
  },
  "cut stream": () => broken("sim-js-cut?tokens=20&rate=50&cut=1500"),
  "stream without terminator": () => broken("sim-js-cut?tokens=20&rate=50&noDone=1"),
};

for (const [scenario, run] of Object.entries(scenarios)) {
  console.log(JSON.stringify({ scenario, ...(await run()) }));
}
