using System.Globalization;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Reads a provider's whole answer.</summary>
internal static class GeminiAnswerReader
{
    /// <summary>See <see cref="IChatDialect.TryReadAnswer"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out ChatAnswer answer)
    {
        answer = new ChatAnswer { Origin = DialectId.Gemini };
        if (!LenientJson.TryParseObject(body, out var root))
        {
            return false;
        }

        var candidates = root.Member("candidates");
        var feedback = root.CamelMember("promptFeedback");
        if (root.Member("error") is not null || (candidates is null && feedback is null && root.CamelMember("usageMetadata") is null))
        {
            return false;
        }

        answer.Id = root.CamelMember("responseId")?.Text();
        answer.Model = root.CamelMember("modelVersion")?.Text();
        answer.Created = Created(root);
        answer.Usage = GeminiUsage.ReadAnswer(JsonOutput.Raw(root), out var counts) == OpenAI.AnswerUsage.Found ? counts : null;
        foreach (var candidate in (candidates ?? default).Items())
        {
            answer.Choices.Add(ReadCandidate(candidate, answer.Id, answer.Choices.Count));
        }

        if (answer.Choices.Count == 0)
        {
            answer.Choices.Add(Blocked(feedback));
        }

        return true;
    }

    /// <summary>When the answer was made, in seconds since 1970; Vertex AI says so.</summary>
    public static long? Created(JsonElement root) =>
        root.CamelMember("createTime")?.Text() is { } time && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created)
            ? created.ToUnixTimeSeconds() : null;

    private static ChatChoice Blocked(JsonElement? feedback)
    {
        var reason = feedback?.CamelMember("blockReason")?.Text();
        return new ChatChoice { Finish = reason is null ? FinishReason.Other : FinishReason.ContentFilter, FinishDetail = reason };
    }

    private static ChatChoice ReadCandidate(JsonElement candidate, string? answerId, int position)
    {
        var choice = new ChatChoice { Index = candidate.IntOf("index") ?? position };
        var texts = new Dictionary<int, TextPart>();
        var wireIndex = 0;
        foreach (var raw in candidate.Member("content")?.Member("parts")?.ItemsOrSelf() ?? [])
        {
            var before = choice.Parts.Count;
            ReadPart(GeminiPart.Read(raw), answerId, choice);
            if (choice.Parts.Count > before && choice.Parts[^1] is TextPart text)
            {
                texts[wireIndex] = text;
            }

            wireIndex++;
        }

        var reason = candidate.CamelMember("finishReason")?.Text();
        choice.Finish = GeminiFinish.Read(reason, choice.Parts.Exists(static p => p is ToolCallPart));
        choice.FinishDetail = reason;
        choice.LogProbabilities = candidate.CamelMember("logprobsResult") is { } probabilities ? GeminiLogprobs.Read(probabilities) : null;
        if (texts.Count > 0)
        {
            foreach (var (part, citation) in GeminiGrounding.Read(candidate, at => texts.GetValueOrDefault(at)?.Text, texts.Keys.Max()))
            {
                texts[part].Citations.Add(citation);
            }
        }

        return choice;
    }

    private static void ReadPart(in GeminiPart part, string? answerId, ChatChoice choice)
    {
        var parts = choice.Parts;
        var encrypted = false;
        var signature = part.SignatureText is { } value ? GeminiSignatures.Read(value, out encrypted) : null;
        if (part.FunctionCall is { } call)
        {
            parts.Add(ReadCall(call, signature, answerId, choice.Index, parts.Count(static p => p is ToolCallPart)));
        }
        else if (part.Media() is { } media)
        {
            parts.Add(media);
        }
        else if (part.Other is { } other)
        {
            parts.Add(new OpaquePart(DialectId.Gemini, other, part.Raw));
        }
        else if (part.Thought && !encrypted)
        {
            if (part.Text is { Length: > 0 } || signature is not null)
            {
                parts.Add(new ReasoningPart { Text = part.Text ?? "", Signature = signature });
            }
        }
        else if (part.Text is { Length: > 0 } text)
        {
            parts.Add(new TextPart(text) { Signature = signature });
        }
        else if (signature is not null)
        {
            if (parts.LastOrDefault() is TextPart { Signature: null } before && !encrypted)
            {
                before.Signature = signature;
            }
            else
            {
                parts.Add(new ReasoningPart { Encrypted = signature });
            }
        }
    }

    private static ToolCallPart ReadCall(JsonElement call, Signature? signature, string? answerId, int choice, int ordinal)
    {
        var name = call.StringOf("name") ?? "";
        return new ToolCallPart
        {
            Id = call.StringOf("id") is { Length: > 0 } id ? id : GeminiCallIds.ForAnswer(answerId, choice, ordinal, $"{name}|{signature?.Value}"),
            Name = name,
            Arguments = call.Member("args") is { ValueKind: JsonValueKind.Object } args ? args.Compact() : "{}",
            Signature = signature,
        };
    }
}
