import { CohereClientV2 } from "cohere-ai";
import { finishOf, maxTokens, parse, picture, placeSchema, thinkingTokens, toolName, toolResult, toolSchema, toolText } from "./common.mjs";

const cohere = (settings) => {
  const client = new CohereClientV2({ environment: settings.url + "/cohere", token: settings.key });

  const messagesOf = (q) =>
    q.after
      ? [...q.after.history, ...q.after.calls.map((c) => ({ role: "tool", toolCallId: c.id, content: toolResult })), ...(q.say ? [{ role: "user", content: q.say }] : [])]
      : [
          { role: "system", content: q.system },
          { role: "user", content: q.image ? [{ type: "text", text: q.prompt }, { type: "image_url", imageUrl: { url: "data:image/png;base64," + picture } }] : q.prompt },
        ];

  const streamed = async (body, options, q) => {
    const content = [];
    const toolCalls = [];
    const seen = { pieces: 0 };
    for await (const event of await client.chatStream(body, options)) {
      const message = event.delta?.message;
      switch (event.type) {
        case "content-start":
          content[event.index] = { ...message.content };
          break;
        case "content-delta":
          if (message.content.text) {
            content[event.index].text += message.content.text;
            seen.pieces++;
          }
          if (message.content.thinking) {
            content[event.index].thinking += message.content.thinking;
          }
          break;
        case "tool-call-start":
          toolCalls[event.index] = message.toolCalls;
          break;
        case "tool-call-delta":
          toolCalls[event.index].function.arguments += message.toolCalls.function.arguments;
          break;
        case "message-end":
          seen.finishReason = event.delta.finishReason;
          seen.usage = event.delta.usage;
          if (event.delta.error) {
            throw new Error(event.delta.error);
          }
          break;
      }
    }

    // As with Bedrock's client, a missing end is for the application to see.
    if (!seen.finishReason || seen.finishReason === "ERROR") {
      throw new Error("The stream has no end.");
    }

    return { ...seen, message: { role: "assistant", content: content.filter(Boolean), toolCalls: toolCalls.length > 0 ? toolCalls.filter(Boolean) : undefined } };
  };

  return {
    name: "cohere",
    can: ["image", "json", "think"],
    ask: async (q) => {
      const messages = messagesOf(q);
      const body = {
        model: q.model,
        messages,
        maxTokens,
        tools: q.tools ? [{ type: "function", function: { name: toolName, description: toolText, parameters: toolSchema } }] : undefined,
        responseFormat: q.schema ? { type: "json_object", jsonSchema: placeSchema } : undefined,
        thinking: q.think ? { type: "enabled", tokenBudget: thinkingTokens } : undefined,
      };
      const options = { maxRetries: 0, timeoutInSeconds: 60 };
      const answer = q.stream ? await streamed(body, options, q) : { pieces: 0, ...(await client.chat(body, options)) };
      const parts = answer.message.content ?? [];
      return {
        text: parts.filter((p) => p.type === "text").map((p) => p.text).join(""),
        pieces: answer.pieces,
        thought: parts.some((p) => p.type === "thinking" && p.thinking),
        calls: (answer.message.toolCalls ?? []).map((c) => ({ id: c.id, name: c.function.name, args: parse(c.function.arguments) })),
        finish: finishOf(answer.finishReason),
        output: answer.usage.tokens.outputTokens,
        history: [...messages, { ...answer.message, role: "assistant" }],
      };
    },
  };
};

export default [cohere];
