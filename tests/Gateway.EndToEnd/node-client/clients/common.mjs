// What all clients are asked alike. A client is {name, can, ask(question)}; `can` names what its API has beyond plain chat.
// A question: {model, system, prompt, image, tools, schema, think, stream, after}, where `after` is an answer to go on from: its tool calls are
// answered, and `say` is said.
// An answer: {text, pieces, thought, calls: [{id, name, args}], finish, output, history}, with what to send back in `history`.

export const picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

export const toolName = "get_weather";

export const toolText = "Current weather of a city";

export const toolSchema = {
  type: "object",
  properties: { city: { type: "string", description: "The city's name" } },
  required: ["city"],
  additionalProperties: false,
};

export const placeSchema = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" } },
  required: ["city", "degrees"],
  additionalProperties: false,
};

export const toolResult = "Sunny";

// Enough for the budget of thinking that some APIs want below it.
export const maxTokens = 4096;
export const thinkingTokens = 2048;

export const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

// One word for the reasons to end, whichever API names them.
const finishes = {
  stop: "stop",
  end_turn: "stop",
  STOP: "stop",
  COMPLETE: "stop",
  completed: "stop",
  tool_calls: "tools",
  tool_use: "tools",
  TOOL_CALL: "tools",
  "tool-calls": "tools",
};

export const finishOf = (reason) => finishes[reason] ?? String(reason);
