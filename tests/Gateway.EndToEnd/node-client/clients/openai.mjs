import OpenAI from "openai";
import { finishOf, maxTokens, parse, picture, placeSchema, toolName, toolResult, toolSchema, toolText } from "./common.mjs";

const connect = ({ url, key }) => new OpenAI({ baseURL: url + "/openai/v1", apiKey: key, maxRetries: 0, timeout: 60_000 });

const chat = (settings) => {
  const client = connect(settings);

  const messagesOf = (q) =>
    q.after
      ? [...q.after.history, ...q.after.calls.map((c) => ({ role: "tool", tool_call_id: c.id, content: toolResult })), ...(q.say ? [{ role: "user", content: q.say }] : [])]
      : [
          { role: "system", content: q.system },
          { role: "user", content: q.image ? [{ type: "text", text: q.prompt }, { type: "image_url", image_url: { url: "data:image/png;base64," + picture } }] : q.prompt },
        ];

  return {
    name: "openai chat",
    can: ["image", "json", "think"],
    ask: async (q) => {
      const messages = messagesOf(q);
      const body = {
        model: q.model,
        messages,
        max_completion_tokens: maxTokens,
        tools: q.tools ? [{ type: "function", function: { name: toolName, description: toolText, parameters: toolSchema } }] : undefined,
        parallel_tool_calls: q.tools ? true : undefined,
        response_format: q.schema ? { type: "json_schema", json_schema: { name: "place", schema: placeSchema, strict: true } } : undefined,
        reasoning_effort: q.think ? "low" : undefined,
      };
      let pieces = 0;
      let answer;
      if (q.stream) {
        // The client's own reader of streams: it is stricter than the bare events.
        const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
        stream.on("content", () => {
          pieces++;
        });
        answer = await stream.finalChatCompletion();
      } else {
        answer = await client.chat.completions.create(body);
      }

      const { message, finish_reason } = answer.choices[0];
      return {
        text: message.content ?? "",
        pieces,
        thought: (message.reasoning_content ?? "").length > 0,
        calls: (message.tool_calls ?? []).map((c) => ({ id: c.id, name: c.function.name, args: parse(c.function.arguments) })),
        finish: finishOf(finish_reason),
        output: answer.usage.completion_tokens,
        history: [...messages, message],
      };
    },
  };
};

const responses = (settings) => {
  const client = connect(settings);

  const inputOf = (q) =>
    q.after
      ? [...q.after.history, ...q.after.calls.map((c) => ({ type: "function_call_output", call_id: c.id, output: toolResult })), ...(q.say ? [{ role: "user", content: q.say }] : [])]
      : [{ role: "user", content: [{ type: "input_text", text: q.prompt }, ...(q.image ? [{ type: "input_image", detail: "auto", image_url: "data:image/png;base64," + picture }] : [])] }];

  return {
    name: "openai responses",
    can: ["image", "json", "think"],
    ask: async (q) => {
      const input = inputOf(q);
      const body = {
        model: q.model,
        instructions: q.system,
        input,
        store: false,
        max_output_tokens: maxTokens,
        tools: q.tools ? [{ type: "function", name: toolName, description: toolText, parameters: toolSchema, strict: true }] : undefined,
        text: q.schema ? { format: { type: "json_schema", name: "place", schema: placeSchema, strict: true } } : undefined,
        reasoning: q.think ? { effort: "low", summary: "auto" } : undefined,
        include: q.think ? ["reasoning.encrypted_content"] : undefined,
      };
      let pieces = 0;
      let answer;
      if (q.stream) {
        const stream = client.responses.stream(body);
        stream.on("response.output_text.delta", () => {
          pieces++;
        });
        answer = await stream.finalResponse();
      } else {
        answer = await client.responses.create(body);
      }

      const calls = answer.output.filter((i) => i.type === "function_call");
      return {
        text: answer.output_text,
        pieces,
        thought: answer.output.some((i) => i.type === "reasoning" && i.summary.some((s) => s.text.length > 0)),
        calls: calls.map((c) => ({ id: c.call_id, name: c.name, args: parse(c.arguments) })),
        finish: answer.status === "completed" && calls.length > 0 ? "tools" : finishOf(answer.status),
        output: answer.usage.output_tokens,
        // Items as they came, without what the client's reader adds.
        history: [...input, ...answer.output.map(({ parsed_arguments: _, ...item }) => item)],
      };
    },
  };
};

export default [chat, responses];
