import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { finishOf, maxTokens, picture, placeSchema, thinkingTokens, toolName, toolResult, toolSchema, toolText } from "./common.mjs";

const tools = [{ type: "function", function: { name: toolName, description: toolText, parameters: toolSchema } }];

const client = (name, can, create, readers) => ({
  name: "langchain " + name,
  can,
  ask: async (q) => {
    const messages = q.after
      ? [...q.after.history, ...q.after.calls.map((c) => new ToolMessage({ tool_call_id: c.id, content: toolResult })), ...(q.say ? [new HumanMessage(q.say)] : [])]
      : [
          new SystemMessage(q.system),
          new HumanMessage({ content: [{ type: "text", text: q.prompt }, ...(q.image ? [{ type: "image_url", image_url: { url: "data:image/png;base64," + picture } }] : [])] }),
        ];
    const model = create(q);
    if (q.schema) {
      const { raw, parsed } = await model.withStructuredOutput(placeSchema, { name: "place", method: "jsonSchema", includeRaw: true }).invoke(messages);
      return { text: JSON.stringify(parsed), output: raw.usage_metadata.output_tokens, finish: readers.finish(raw), calls: [] };
    }

    const bound = q.tools ? model.bindTools(tools) : model;
    let pieces = 0;
    let answer;
    if (q.stream) {
      for await (const chunk of await bound.stream(messages)) {
        answer = answer ? answer.concat(chunk) : chunk;
        if (chunk.text) {
          pieces++;
        }
      }
    } else {
      answer = await bound.invoke(messages);
    }

    return {
      text: answer.text,
      pieces,
      thought: readers.thought(answer),
      calls: answer.tool_calls.map((c) => ({ id: c.id, name: c.name, args: c.args })),
      finish: readers.finish(answer),
      output: answer.usage_metadata.output_tokens,
      history: [...messages, answer],
    };
  },
});

const openai = (s) =>
  client("openai", ["image", "json"], (q) => new ChatOpenAI({ model: q.model, apiKey: s.key, maxRetries: 0, maxTokens, configuration: { baseURL: s.url + "/langchain/v1" } }), {
    finish: (m) => finishOf(m.response_metadata.finish_reason),
    thought: () => false,
  });

const anthropic = (s) =>
  client(
    "anthropic",
    ["image", "json", "think"],
    (q) =>
      new ChatAnthropic({
        model: q.model,
        apiKey: s.key,
        anthropicApiUrl: s.url + "/langchain",
        maxRetries: 0,
        maxTokens,
        thinking: q.think ? { type: "enabled", budget_tokens: thinkingTokens } : undefined,
      }),
    {
      finish: (m) => finishOf(m.additional_kwargs.stop_reason ?? m.response_metadata.stop_reason),
      thought: (m) => Array.isArray(m.content) && m.content.some((b) => b.type === "thinking" && b.thinking),
    },
  );

export default [openai, anthropic];
