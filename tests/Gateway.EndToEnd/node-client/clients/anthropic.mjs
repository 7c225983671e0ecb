import Anthropic from "@anthropic-ai/sdk";
import { finishOf, maxTokens, picture, placeSchema, thinkingTokens, toolName, toolResult, toolSchema, toolText } from "./common.mjs";

const messages = (settings) => {
  const client = new Anthropic({ baseURL: settings.url + "/anthropic", apiKey: settings.key, maxRetries: 0, timeout: 60_000 });

  const messagesOf = (q) =>
    q.after
      ? [...q.after.history, {
            role: "user",
            content: [...q.after.calls.map((c) => ({ type: "tool_result", tool_use_id: c.id, content: toolResult })), ...(q.say ? [{ type: "text", text: q.say }] : [])],
          }]
      : [
          {
            role: "user",
            content: q.image ? [{ type: "text", text: q.prompt }, { type: "image", source: { type: "base64", media_type: "image/png", data: picture } }] : q.prompt,
          },
        ];

  return {
    name: "anthropic",
    can: ["image", "json", "think"],
    ask: async (q) => {
      const history = messagesOf(q);
      const body = {
        model: q.model,
        system: q.system,
        messages: history,
        max_tokens: maxTokens,
        tools: q.tools ? [{ name: toolName, description: toolText, input_schema: toolSchema }] : undefined,
        output_config: q.schema ? { format: { type: "json_schema", schema: placeSchema } } : undefined,
        thinking: q.think ? { type: "enabled", budget_tokens: thinkingTokens } : undefined,
      };
      let pieces = 0;
      let answer;
      if (q.stream) {
        const stream = client.messages.stream(body);
        stream.on("text", () => {
          pieces++;
        });
        answer = await stream.finalMessage();
      } else {
        answer = await client.messages.create(body);
      }

      const of = (type) => answer.content.filter((b) => b.type === type);
      return {
        text: of("text").map((b) => b.text).join(""),
        pieces,
        thought: of("thinking").some((b) => b.thinking.length > 0),
        calls: of("tool_use").map((b) => ({ id: b.id, name: b.name, args: b.input })),
        finish: finishOf(answer.stop_reason),
        output: answer.usage.output_tokens,
        history: [...history, { role: "assistant", content: answer.content }],
      };
    },
  };
};

export default [messages];
