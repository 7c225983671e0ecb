using System.Text;
using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Log probabilities: <c>logprobsResult</c> here, OpenAI's chat form in neutral answers.</summary>
internal static class GeminiLogprobs
{
    /// <summary>In OpenAI's chat form, or null when <paramref name="result"/> has none.</summary>
    public static JsonElement? Read(JsonElement result)
    {
        if (result.CamelMember("chosenCandidates") is not { ValueKind: JsonValueKind.Array } chosen || chosen.GetArrayLength() == 0)
        {
            return null;
        }

        var alternatives = (result.CamelMember("topCandidates") ?? default).Items().ToList();
        return JsonElements.Build((chosen, alternatives), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("content");
            var index = 0;
            foreach (var token in s.chosen.EnumerateArray())
            {
                writer.WriteStartObject();
                WriteToken(writer, token);
                writer.WriteStartArray("top_logprobs");
                foreach (var alternative in index < s.alternatives.Count ? (s.alternatives[index].Member("candidates") ?? default).Items() : [])
                {
                    writer.WriteStartObject();
                    WriteToken(writer, alternative);
                    writer.WriteEndObject();
                }

                index++;
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteNull("refusal");
            writer.WriteEndObject();
        });
    }

    /// <summary>Writes the member <c>logprobsResult</c> for probabilities in OpenAI's chat form.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement probabilities)
    {
        var tokens = (probabilities.Member("content") ?? default).Items().ToList();
        if (tokens.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("logprobsResult");
        writer.WriteStartArray("topCandidates");
        foreach (var token in tokens)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("candidates");
            foreach (var alternative in (token.Member("top_logprobs") ?? default).Items())
            {
                WriteCandidate(writer, alternative);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("chosenCandidates");
        tokens.ForEach(token => WriteCandidate(writer, token));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteToken(Utf8JsonWriter writer, JsonElement token)
    {
        var text = token.StringOf("token") ?? "";
        writer.WriteString("token", text);
        writer.WriteNumber("logprob", token.CamelMember("logProbability")?.Number() ?? 0);
        writer.WriteStartArray("bytes");
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }

    private static void WriteCandidate(Utf8JsonWriter writer, JsonElement token)
    {
        writer.WriteStartObject();
        writer.WriteString("token", token.StringOf("token") ?? "");
        writer.WriteNumber("logProbability", token.NumberOf("logprob") ?? 0);
        writer.WriteEndObject();
    }
}
