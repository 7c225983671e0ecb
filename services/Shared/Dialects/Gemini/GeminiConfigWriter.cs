using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Gemini;

/// <summary>Writes <c>generationConfig</c>.</summary>
internal static class GeminiConfigWriter
{
    private const int MaxStops = 5;

    /// <summary>Writes the member, where there is anything to say.</summary>
    public static void Write(Utf8JsonWriter writer, ChatRequest request, RequestTarget target, DropList drops)
    {
        var config = new Config(writer, target, drops);
        var origin = request.Origin;
        if (request.MaxOutputTokens is { } cap && config.Begin("maxOutputTokens"))
        {
            writer.WriteNumberValue(cap);
        }

        Number(config, "temperature", request.Temperature);
        Number(config, "topP", request.TopP);
        Number(config, "topK", request.TopK);
        Number(config, "presencePenalty", request.PresencePenalty);
        Number(config, "frequencyPenalty", request.FrequencyPenalty);
        if (request.Choices is { } choices && config.Begin("candidateCount"))
        {
            writer.WriteNumberValue(choices);
        }

        if (request.Seed is { } seed)
        {
            if (seed is < int.MinValue or > int.MaxValue)
            {
                drops.Add(CallerNames.Of(origin, "seed"));
            }
            else if (config.Begin("seed"))
            {
                writer.WriteNumberValue(seed);
            }
        }

        WriteStops(config, request, drops);
        if (request.LogProbabilities == true && config.Begin("responseLogprobs"))
        {
            writer.WriteBooleanValue(true);
            if (request.TopLogProbabilities is { } top && config.Begin("logprobs"))
            {
                writer.WriteNumberValue(top);
            }
        }

        WriteModalities(config, request);
        WriteFormat(config, request, target);
        if (request.Reasoning is { } reasoning)
        {
            config.Open();
            GeminiThinking.Write(writer, reasoning, origin, target.Model);
        }

        foreach (var (name, value) in GeminiExtensions.Config(request))
        {
            if (config.Begin(name))
            {
                value.WriteTo(writer);
            }
        }

        config.Close();
    }

    private static void Number(Config config, string name, double? value)
    {
        if (value is { } number && config.Begin(name))
        {
            config.Writer.WriteNumberValue(number);
        }
    }

    private static void WriteStops(Config config, ChatRequest request, DropList drops)
    {
        var stops = request.Stop.FindAll(static s => s.Length > 0);
        if (stops.Count > MaxStops)
        {
            drops.Add($"{CallerNames.Of(request.Origin, "stop")}[{MaxStops}:]");
        }

        if (stops.Count > 0 && config.Begin("stopSequences"))
        {
            Strings(config.Writer, stops.Take(MaxStops));
        }
    }

    private static void WriteModalities(Config config, ChatRequest request)
    {
        var isTextOnly = request.Modalities.TrueForAll(static m => m == "text") && request.Origin != DialectId.Gemini;
        if (request.Modalities.Count > 0 && !isTextOnly && config.Begin("responseModalities"))
        {
            Strings(config.Writer, request.Modalities.Select(static m => m.ToUpperInvariant()));
        }
    }

    private static void WriteFormat(Config config, ChatRequest request, RequestTarget target)
    {
        if (request.Format is not { Kind: not ResponseFormatKind.Text } format)
        {
            return;
        }

        if (config.Begin("responseMimeType"))
        {
            config.Writer.WriteStringValue("application/json");
        }

        if (format.Schema is not { ValueKind: JsonValueKind.Object } schema || format.Kind != ResponseFormatKind.JsonSchema)
        {
            return;
        }

        // JSON Schema is taken from Gemini 2.5 on.
        var isOld = target.Model.Contains("gemini-1", StringComparison.OrdinalIgnoreCase) || target.Model.Contains("gemini-2.0", StringComparison.OrdinalIgnoreCase);
        if (isOld && GeminiSchemaWriter.TryConvert(schema, out var converted))
        {
            if (config.Begin("responseSchema"))
            {
                converted.WriteTo(config.Writer);
            }
        }
        else if (config.Begin("responseJsonSchema"))
        {
            GeminiToolWriter.WriteJsonSchema(config.Writer, schema);
        }
    }

    private static void Strings(Utf8JsonWriter writer, IEnumerable<string> values)
    {
        writer.WriteStartArray();
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    /// <summary>The object under way: opened by its first member, with the provider's renamed and refused members observed.</summary>
    private sealed class Config(Utf8JsonWriter writer, RequestTarget target, DropList drops)
    {
        private bool _open;

        public Utf8JsonWriter Writer => writer;

        public bool Begin(string name)
        {
            if (target.DroppedParameters.Contains(name) || target.DroppedParameters.Contains("generationConfig." + name))
            {
                drops.Add("generationConfig." + name);
                return false;
            }

            Open();
            writer.WritePropertyName(target.RenamedParameters.GetValueOrDefault(name, name));
            return true;
        }

        public void Open()
        {
            if (!_open)
            {
                _open = true;
                writer.WriteStartObject("generationConfig");
            }
        }

        public void Close()
        {
            if (_open)
            {
                writer.WriteEndObject();
            }
        }
    }
}
