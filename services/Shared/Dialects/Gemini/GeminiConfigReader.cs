using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Reads <c>generationConfig</c>.</summary>
internal static class GeminiConfigReader
{
    /// <summary>Reads <paramref name="config"/> into <paramref name="request"/>.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static DialectProblem? Read(JsonElement config, ChatRequest request)
    {
        if (config.ValueKind != JsonValueKind.Object)
        {
            return new DialectProblem("generationConfig is not an object.", "generationConfig");
        }

        string? mime = null;
        JsonElement? schema = null;
        foreach (var (name, value) in config.CamelMembers())
        {
            switch (name)
            {
                case "stopSequences":
                    request.Stop.AddRange(value.ItemsOrSelf().Select(static s => s.Text()).OfType<string>());
                    break;
                case "responseMimeType":
                    mime = value.Text();
                    break;
                case "responseSchema":
                    schema ??= GeminiSchemaReader.ToJsonSchema(value);
                    break;
                case "responseJsonSchema":
                    schema = value;
                    break;
                case "candidateCount":
                    request.Choices = value.Int() is { } choices and not 1 ? choices : null;
                    break;
                case "maxOutputTokens":
                    request.MaxOutputTokens = value.Int();
                    break;
                case "temperature":
                    request.Temperature = value.Number();
                    break;
                case "topP":
                    request.TopP = value.Number();
                    break;
                case "topK":
                    request.TopK = value.Int();
                    break;
                case "seed":
                    request.Seed = value.Whole();
                    break;
                case "presencePenalty":
                    request.PresencePenalty = value.Number();
                    break;
                case "frequencyPenalty":
                    request.FrequencyPenalty = value.Number();
                    break;
                case "responseLogprobs":
                    request.LogProbabilities = value.Flag();
                    break;
                case "logprobs":
                    request.TopLogProbabilities = value.Int();
                    break;
                case "responseModalities":
                    request.Modalities.AddRange(value.Items().Select(static m => m.Text()?.ToLowerInvariant()).OfType<string>());
                    break;
                case "thinkingConfig":
                    request.Reasoning = GeminiThinking.Read(value);
                    break;
                default:
                    request.Extensions.Add(new RequestExtension("generationConfig." + name, value));
                    break;
            }
        }

        if (schema is { } form)
        {
            request.Format = new ResponseFormat { Kind = ResponseFormatKind.JsonSchema, Schema = form, Name = form.StringOf("title") };
        }
        else if (mime == "application/json")
        {
            request.Format = new ResponseFormat { Kind = ResponseFormatKind.JsonObject };
        }
        else if (mime is not (null or "" or "text/plain"))
        {
            request.Extensions.Add(new RequestExtension("generationConfig.responseMimeType", JsonElements.Build(mime, static (w, m) => w.WriteStringValue(m))));
        }

        return null;
    }
}
