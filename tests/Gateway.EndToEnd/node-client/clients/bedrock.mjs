import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { finishOf, maxTokens, parse, picture, thinkingTokens, toolName, toolResult, toolSchema, toolText } from "./common.mjs";

const converse = (settings) => {
  const client = new BedrockRuntimeClient({
    endpoint: settings.url + "/bedrock",
    region: "us-east-1",
    token: { token: settings.key },
    authSchemePreference: ["httpBearerAuth"],
    maxAttempts: 1,
    // By default this client speaks HTTP/2 at once, which servers do over TLS only.
    requestHandler: new NodeHttpHandler({ requestTimeout: 60_000 }),
  });

  const messagesOf = (q) =>
    q.after
      ? [...q.after.history, {
            role: "user",
            content: [...q.after.calls.map((c) => ({ toolResult: { toolUseId: c.id, content: [{ text: toolResult }] } })), ...(q.say ? [{ text: q.say }] : [])],
          }]
      : [{ role: "user", content: [{ text: q.prompt }, ...(q.image ? [{ image: { format: "png", source: { bytes: Buffer.from(picture, "base64") } } }] : [])] }];

  const streamed = async (input, q) => {
    const blocks = [];
    const seen = { pieces: 0 };
    const answer = await client.send(new ConverseStreamCommand(input));
    for await (const event of answer.stream) {
      const { contentBlockStart: start, contentBlockDelta: delta, messageStop, metadata } = event;
      if (start?.start?.toolUse) {
        blocks[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse, input: "" } };
      }

      if (delta) {
        const block = (blocks[delta.contentBlockIndex] ??= {});
        const { text, toolUse, reasoningContent } = delta.delta;
        if (text) {
          block.text = (block.text ?? "") + text;
          seen.pieces++;
        }

        if (toolUse) {
          block.toolUse.input += toolUse.input;
        }

        if (reasoningContent) {
          const reasoning = (block.reasoningContent ??= { reasoningText: { text: "" } }).reasoningText;
          reasoning.text += reasoningContent.text ?? "";
          reasoning.signature = reasoningContent.signature ?? reasoning.signature;
        }
      }

      seen.stopReason = messageStop?.stopReason ?? seen.stopReason;
      seen.usage = metadata?.usage ?? seen.usage;
    }

    // Unlike the other clients this one leaves it to the application to see that the end is missing.
    if (!seen.stopReason) {
      throw new Error("The stream has no end.");
    }

    const content = blocks.filter(Boolean).map((b) => (b.toolUse ? { toolUse: { ...b.toolUse, input: parse(b.toolUse.input || "{}") } } : b));
    return { ...seen, content };
  };

  return {
    name: "aws bedrock",
    can: ["image", "think"],
    ask: async (q) => {
      const messages = messagesOf(q);
      const input = {
        modelId: q.model,
        system: [{ text: q.system }],
        messages,
        inferenceConfig: { maxTokens },
        toolConfig: q.tools ? { tools: [{ toolSpec: { name: toolName, description: toolText, inputSchema: { json: toolSchema } } }] } : undefined,
        additionalModelRequestFields: q.think ? { thinking: { type: "enabled", budget_tokens: thinkingTokens } } : undefined,
      };
      let answer;
      if (q.stream) {
        answer = await streamed(input, q);
      } else {
        const { output, stopReason, usage } = await client.send(new ConverseCommand(input));
        answer = { content: output.message.content, stopReason, usage, pieces: 0 };
      }

      return {
        text: answer.content.map((b) => b.text ?? "").join(""),
        pieces: answer.pieces,
        thought: answer.content.some((b) => b.reasoningContent?.reasoningText?.text),
        calls: answer.content.filter((b) => b.toolUse).map((b) => ({ id: b.toolUse.toolUseId, name: b.toolUse.name, args: b.toolUse.input })),
        finish: finishOf(answer.stopReason),
        output: answer.usage.outputTokens,
        history: [...messages, { role: "assistant", content: answer.content }],
      };
    },
  };
};

export default [converse];
