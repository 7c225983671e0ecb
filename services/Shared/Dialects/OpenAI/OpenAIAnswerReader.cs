using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Reads whole chat completions, of OpenAI and of those who are nearly compatible.</summary>
internal static class OpenAIAnswerReader
{
    public static bool TryRead(ReadOnlySpan<byte> body, out ChatAnswer answer, DialectId origin = DialectId.OpenAIChat)
    {
        answer = new ChatAnswer { Origin = origin };
        if (!LenientJson.TryParseObject(body, out var json) || !json.TryArray("choices", out var choices))
        {
            return false;
        }

        answer.Id = json.StringOf("id") is { Length: > 0 } id ? id : null;
        answer.Model = json.StringOf("model") is { Length: > 0 } model ? model : null;
        answer.Created = json.LongOf("created");
        answer.ServiceTier = json.StringOf("service_tier");
        answer.Usage = OpenAIUsage.Find(json);
        foreach (var choice in choices.EnumerateArray())
        {
            if (choice.ValueKind == JsonValueKind.Object)
            {
                answer.Choices.Add(ReadChoice(choice, answer));
            }
        }

        if (answer.Choices.Count == 0)
        {
            return false;
        }

        AddSources(json, answer.Choices[0]);
        return true;
    }

    private static ChatChoice ReadChoice(JsonElement json, ChatAnswer answer)
    {
        var choice = new ChatChoice
        {
            Index = json.IntOf("index") ?? answer.Choices.Count,
            // The older completions have a form of their own, which is no one else's.
            LogProbabilities = answer.Origin == DialectId.OpenAIChat && json.TryObject("logprobs", out var probabilities) ? probabilities : null,
        };
        if (json.TryObject("message", out var message) || json.TryObject("delta", out message))
        {
            ReadMessage(message, choice, answer.Id);
        }
        else if (json.StringOf("text") is { } text)
        {
            choice.Parts.Add(new TextPart(text));
        }

        var word = json.StringOf("finish_reason");
        choice.Finish = OpenAIFinish.Read(word, choice.Parts.Exists(static p => p is ToolCallPart), choice.Parts.Exists(static p => p is RefusalPart));
        choice.FinishDetail = json.StringOf("native_finish_reason") ?? word;
        choice.StopSequence = OpenAIFinish.StopSequence(json);
        if (choice is { Finish: FinishReason.Stop, StopSequence: not null })
        {
            choice.Finish = FinishReason.StopSequence;
        }

        return choice;
    }

    private static void ReadMessage(JsonElement message, ChatChoice choice, string? answerId)
    {
        var parts = choice.Parts;
        OpenAIReasoning.ReadMessage(message, parts);
        ReadContent(message, parts);
        if (message.StringOf("refusal") is { Length: > 0 } refusal)
        {
            parts.Add(new RefusalPart(refusal));
        }

        if (message.TryObject("audio", out var audio))
        {
            parts.Add(new MediaPart(MediaKind.Audio) { Id = audio.StringOf("id"), Data = audio.StringOf("data"), Transcript = audio.StringOf("transcript") });
        }

        if (message.TryArray("images", out var images))
        {
            foreach (var image in images.EnumerateArray())
            {
                if (image.TryObject("image_url", out var holder) && holder.StringOf("url") is { } url)
                {
                    parts.Add(OpenAIParts.ReadMedia(MediaKind.Image, url));
                }
            }
        }

        if (message.TryArray("tool_calls", out var calls))
        {
            var position = 0;
            foreach (var call in calls.EnumerateArray())
            {
                if (OpenAIParts.ReadToolCall(call, ToolCallIds.Missing(answerId, choice.Index, position++)) is { } part)
                {
                    parts.Add(part);
                }
            }
        }
        else if (message.TryObject("function_call", out var function))
        {
            parts.Add(new ToolCallPart
            {
                Id = ToolCallIds.Missing(answerId, choice.Index, 0), Name = function.StringOf("name") ?? "", Arguments = OpenAIParts.Arguments(function),
            });
        }
    }

    private static void ReadContent(JsonElement message, List<ContentPart> parts)
    {
        if (!message.TryMember("content", out var content))
        {
            return;
        }

        var text = "";
        if (content.ValueKind == JsonValueKind.String)
        {
            text = content.GetString()!;
        }
        else if (content.ValueKind == JsonValueKind.Array)
        {
            var reasoning = "";
            OpenAIParts.ReadContentArray(content, t => text += t, r => reasoning += r, r => parts.Add(new RefusalPart(r)));
            if (reasoning.Length > 0)
            {
                parts.Insert(0, new ReasoningPart { Text = reasoning });
            }
        }

        var citations = OpenAICitations.ReadAnnotations(message).ToList();
        if (text.Length > 0 || citations.Count > 0)
        {
            var part = new TextPart(text) { Signature = OpenAIParts.ReadSignature(message) };
            part.Citations.AddRange(citations);
            parts.Add(part);
        }
    }

    private static void AddSources(JsonElement json, ChatChoice choice)
    {
        if (choice.Parts.OfType<TextPart>().FirstOrDefault() is { Citations.Count: 0 } text)
        {
            text.Citations.AddRange(OpenAICitations.ReadSources(json));
        }
    }
}
