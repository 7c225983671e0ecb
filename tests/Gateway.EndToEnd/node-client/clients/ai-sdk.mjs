import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createAzure } from "@ai-sdk/azure";
import { createCohere } from "@ai-sdk/cohere";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, Output, streamText, tool } from "ai";
import { finishOf, maxTokens, picture, placeSchema, thinkingTokens, toolName, toolResult, toolSchema, toolText } from "./common.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const client = (name, can, model, thinking, plain) => ({
  name: "ai " + name,
  can,
  ask: async (q) => {
    const messages = q.after
      ? [
          ...q.after.history,
          ...(q.say
            ? [{ role: "user", content: q.say }]
            : [{ role: "tool", content: q.after.calls.map((c) => ({ type: "tool-result", toolCallId: c.id, toolName: c.name, output: { type: "text", value: toolResult } })) }]),
        ]
      : [{ role: "user", content: [{ type: "text", text: q.prompt }, ...(q.image ? [{ type: "image", image: picture, mediaType: "image/png" }] : [])] }];
    const settings = {
      model: model(q.model),
      instructions: q.system,
      messages,
      maxOutputTokens: maxTokens,
      maxRetries: 0,
      tools: q.tools ? { [toolName]: tool({ description: toolText, inputSchema: jsonSchema(toolSchema) }) } : undefined,
      output: q.schema ? Output.object({ schema: jsonSchema(placeSchema) }) : undefined,
      providerOptions: q.think ? thinking : plain,
    };
    let pieces = 0;
    let answer;
    if (q.stream) {
      let failed;
      answer = streamText({ ...settings, onError: () => {} });
      for await (const part of answer.fullStream) {
        if (part.type === "text-delta") {
          pieces++;
        } else if (part.type === "error") {
          failed ??= part.error;
        }
      }
      if (failed) {
        throw failed;
      }
    } else {
      answer = await generateText(settings);
    }

    const [text, reasoning, calls, finish, usage, response] = await Promise.all([answer.text, answer.reasoningText, answer.toolCalls, answer.finishReason, answer.usage, answer.response]);
    return {
      text,
      pieces,
      thought: (reasoning ?? "").length > 0,
      calls: calls.map((c) => ({ id: c.toolCallId, name: c.toolName, args: c.input })),
      finish: finishOf(finish),
      output: usage.outputTokens,
      history: [...messages, ...response.messages],
    };
  },
});

const all = ["image", "json", "think"];

const openai = ({ url, key }) => createOpenAI({ baseURL: url + "/openai/v1", apiKey: key });
// This package tells by the model's name which settings it may send.
const bedrock = ({ url, key }) => {
  const create = createAmazonBedrock({ baseURL: url + "/bedrock", apiKey: key, region: "us-east-1" });
  return (m) => create(m.endsWith("-think") ? "anthropic.claude-" + m : m);
};

const effort = { openai: { reasoningEffort: "low", reasoningSummary: "auto", forceReasoning: true, store: false } };

export default [
  // Without store: false this package refers to earlier texts by id, which only the provider that keeps them can follow.
  (s) => client("openai", all, (m) => openai(s)(m), effort, { openai: { store: false } }),
  (s) => client("openai chat", ["image", "json"], (m) => openai(s).chat(m), effort),
  (s) => client("openai-compatible", all, createOpenAICompatible({ name: "gateway", baseURL: s.url + "/v1", apiKey: s.key, includeUsage: true, supportsStructuredOutputs: true }), {
    gateway: { reasoningEffort: "low" },
  }),
  (s) => client("azure", ["image", "json"], (m) => createAzure({ baseURL: s.url + "/openai", apiKey: s.key, apiVersion: "2025-04-01-preview", useDeploymentBasedUrls: true }).chat(m), effort),
  (s) => client("anthropic", all, createAnthropic({ baseURL: s.url + "/anthropic/v1", apiKey: s.key }), { anthropic: { thinking: { type: "enabled", budgetTokens: thinkingTokens } } }),
  (s) => client("google", all, createGoogle({ baseURL: s.url + "/genai/v1beta", apiKey: s.key }), { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: thinkingTokens } } }),
  (s) =>
    client("amazon-bedrock", all, bedrock(s), {
      bedrock: { reasoningConfig: { type: "enabled", budgetTokens: thinkingTokens } },
    }),
  (s) => client("cohere", ["json", "think"], createCohere({ baseURL: s.url + "/cohere/v2", apiKey: s.key }), { cohere: { thinking: { type: "enabled", tokenBudget: thinkingTokens } } }),
];
