import { GoogleGenAI } from "@google/genai";
import { maxTokens, finishOf, picture, placeSchema, thinkingTokens, toolName, toolResult, toolSchema, toolText } from "./common.mjs";

const genai = (settings) => {
  const client = new GoogleGenAI({ apiKey: settings.key, httpOptions: { baseUrl: settings.url + "/genai", timeout: 60_000 } });

  const contentsOf = (q) =>
    q.after
      ? [...q.after.history, {
            role: "user",
            parts: [...q.after.calls.map((c) => ({ functionResponse: { id: c.id, name: c.name, response: { output: toolResult } } })), ...(q.say ? [{ text: q.say }] : [])],
          }]
      : [{ role: "user", parts: [{ text: q.prompt }, ...(q.image ? [{ inlineData: { mimeType: "image/png", data: picture } }] : [])] }];

  return {
    name: "google genai",
    can: ["image", "json", "think"],
    ask: async (q) => {
      const contents = contentsOf(q);
      const request = {
        model: q.model,
        contents,
        config: {
          systemInstruction: q.system,
          maxOutputTokens: maxTokens,
          tools: q.tools ? [{ functionDeclarations: [{ name: toolName, description: toolText, parametersJsonSchema: toolSchema }] }] : undefined,
          responseMimeType: q.schema ? "application/json" : undefined,
          responseJsonSchema: q.schema ? placeSchema : undefined,
          thinkingConfig: q.think ? { includeThoughts: true, thinkingBudget: thinkingTokens } : undefined,
        },
      };
      const parts = [];
      let pieces = 0;
      let last;
      let finish;
      const take = (answer) => {
        const candidate = answer.candidates?.[0];
        const found = candidate?.content?.parts ?? [];
        parts.push(...found);
        finish = candidate?.finishReason ?? finish;
        last = answer.usageMetadata ?? last;
        if (found.some((p) => p.text && !p.thought)) {
          pieces++;
        }
      };
      if (q.stream) {
        for await (const chunk of await client.models.generateContentStream(request)) {
          take(chunk);
        }
      } else {
        take(await client.models.generateContent(request));
      }

      const calls = parts.filter((p) => p.functionCall).map((p) => ({ id: p.functionCall.id, name: p.functionCall.name, args: p.functionCall.args }));
      return {
        text: parts.filter((p) => p.text && !p.thought).map((p) => p.text).join(""),
        pieces,
        thought: parts.some((p) => p.thought && p.text),
        calls,
        // This API has no reason of its own for calls.
        finish: calls.length > 0 && finish === "STOP" ? "tools" : finishOf(finish),
        output: (last.candidatesTokenCount ?? 0) + (last.thoughtsTokenCount ?? 0),
        history: [...contents, { role: "model", parts }],
      };
    },
  };
};

export default [genai];
