using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Gemini;

/// <summary>Reads what Gemini answers say, without the code under test.</summary>
internal static class GeminiSaid
{
    public static Said Plain(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var said = new Said();
        var state = new State();
        Add(said, state, document.RootElement);
        End(said, state);
        return said;
    }

    public static Said Stream(IEnumerable<byte[]> payloads)
    {
        var said = new Said();
        var state = new State();
        foreach (var payload in payloads)
        {
            using var document = JsonDocument.Parse(payload);
            Add(said, state, document.RootElement);
        }

        End(said, state);
        return said;
    }

    private static void Add(Said said, State state, JsonElement answer)
    {
        if (answer.TryGetProperty("usageMetadata", out var usage) && usage.EnumerateObject().Any(static m => m.Name.EndsWith("TokenCount", StringComparison.Ordinal)))
        {
            said.Usage = Usage(usage);
        }

        if (!answer.TryGetProperty("candidates", out var candidates))
        {
            return;
        }

        state.Candidates = Math.Max(state.Candidates, candidates.GetArrayLength());
        foreach (var candidate in candidates.EnumerateArray())
        {
            if (candidate.TryGetProperty("content", out var content) && content.TryGetProperty("parts", out var parts))
            {
                foreach (var part in parts.EnumerateArray())
                {
                    AddPart(said, part);
                }
            }

            if (candidate.TryGetProperty("finishReason", out var reason))
            {
                state.Finish = reason.GetString();
            }
        }
    }

    private static void AddPart(Said said, JsonElement part)
    {
        if (part.TryGetProperty("text", out var text))
        {
            if (part.TryGetProperty("thought", out var thought) && thought.GetBoolean())
            {
                said.AddThinking(text.GetString());
            }
            else
            {
                said.AddText(text.GetString());
            }
        }
        else if (part.TryGetProperty("functionCall", out var call))
        {
            if (call.TryGetProperty("name", out var name))
            {
                said.Tools.Add((name.GetString()!, call.TryGetProperty("willContinue", out _) ? null : Said.Canonical(call.TryGetProperty("args", out var args) ? args.GetRawText() : "{}")));
            }
        }
        else if (part.TryGetProperty("inlineData", out var data))
        {
            said.Media.Add(data.GetProperty("data").GetString()!);
        }
    }

    private static void End(Said said, State state) => said.Finishes.Add(state.Finish switch
    {
        null or "STOP" => said.Tools.Count > 0 ? FinishReason.ToolCalls : FinishReason.Stop,
        "MAX_TOKENS" => FinishReason.Length,
        "SAFETY" or "PROHIBITED_CONTENT" or "RECITATION" => FinishReason.ContentFilter,
        _ => FinishReason.Other,
    });

    private static TokenCounts Usage(JsonElement usage)
    {
        long Count(string name) => usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;
        long Of(string modality, string name) => usage.TryGetProperty(name, out var list)
            ? list.EnumerateArray().Where(m => m.GetProperty("modality").GetString() == modality).Sum(static m => m.GetProperty("tokenCount").GetInt64()) : 0;
        return new TokenCounts
        {
            Input = Count("promptTokenCount") - Count("cachedContentTokenCount") + Count("toolUsePromptTokenCount") - Of("AUDIO", "promptTokensDetails") - Of("IMAGE", "promptTokensDetails"),
            CacheRead = Count("cachedContentTokenCount"),
            AudioInput = Of("AUDIO", "promptTokensDetails"),
            ImageInput = Of("IMAGE", "promptTokensDetails"),
            Output = Count("candidatesTokenCount") - Of("AUDIO", "candidatesTokensDetails") - Of("IMAGE", "candidatesTokensDetails"),
            Reasoning = Count("thoughtsTokenCount"),
            AudioOutput = Of("AUDIO", "candidatesTokensDetails"),
            ImageOutput = Of("IMAGE", "candidatesTokensDetails"),
        };
    }

    private sealed class State
    {
        public int Candidates { get; set; }

        public string? Finish { get; set; }
    }
}
