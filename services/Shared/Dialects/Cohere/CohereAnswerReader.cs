using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>Reads a provider's whole answer.</summary>
internal static class CohereAnswerReader
{
    /// <summary>See <see cref="IChatDialect.TryReadAnswer"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out ChatAnswer answer)
    {
        answer = new ChatAnswer { Origin = DialectId.Cohere };
        if (!LenientJson.TryParseObject(body, out var root) || !root.TryObject("message", out var message))
        {
            return false;
        }

        answer.Id = root.StringOf("id");
        answer.Usage = root.Member("usage") is { } usage ? CohereUsage.Read(usage) : null;
        var choice = new ChatChoice { FinishDetail = root.StringOf("finish_reason") };
        CohereMessageReader.ReadContent(message, choice.Parts);
        ReadCitations(message, choice.Parts);
        CohereMessageReader.ReadAnswer(message, choice.Parts);
        choice.Finish = CohereFinish.Read(choice.FinishDetail);
        choice.LogProbabilities = root.Member("logprobs") is { } probabilities ? LogProbabilities(probabilities) : null;
        answer.Choices.Add(choice);
        return true;
    }

    /// <summary>Log probabilities in OpenAI's chat form, or null.</summary>
    public static JsonElement? LogProbabilities(JsonElement probabilities)
    {
        var entries = probabilities.ItemsOrSelf().Where(static e => e.StringOf("text") is not null).ToList();
        return entries.Count == 0 ? null : JsonElements.Build(entries, static (writer, list) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("content");
            foreach (var entry in list)
            {
                var text = entry.StringOf("text") ?? "";
                writer.WriteStartObject();
                writer.WriteString("token", text);
                writer.WriteNumber("logprob", (entry.Member("logprobs") ?? default).Items().Sum(static l => l.Number() ?? 0));
                writer.WriteStartArray("bytes");
                foreach (var value in System.Text.Encoding.UTF8.GetBytes(text))
                {
                    writer.WriteNumberValue(value);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("top_logprobs");
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteNull("refusal");
            writer.WriteEndObject();
        });
    }

    private static void ReadCitations(JsonElement message, List<ContentPart> parts)
    {
        var last = parts.OfType<TextPart>().LastOrDefault();
        foreach (var citation in (message.Member("citations") ?? default).Items())
        {
            var at = citation.IntOf("content_index") ?? -1;
            var text = at >= 0 && at < parts.Count && parts[at] is TextPart named ? named : last;
            text?.Citations.AddRange(CohereCitations.Read(citation));
        }
    }
}
