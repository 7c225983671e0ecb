using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI.Compatible;

namespace Gateway.Dialects.OpenAI;

/// <summary>Writes chat completion requests for OpenAI and for compatible providers, each with its peculiarities.</summary>
internal static class OpenAIRequestWriter
{
    /// <summary>OpenAI takes no more stop sequences than these.</summary>
    private const int MaxStops = 4;

    public static DialectProblem? Write(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops)
    {
        if (request.Extensions.Find(static e => e.Essential) is { } essential && request.Origin != DialectId.OpenAIChat)
        {
            return new DialectProblem($"'{essential.Name}' cannot be expressed for the provider of this model, and the answer would not be the one asked for without it.", essential.Name);
        }

        var quirks = ProviderQuirks.Of(target.Provider);
        using var json = JsonOutput.Create(output);
        var writer = new RequestBody(json, target, request.Origin, drops);
        json.WriteStartObject();
        if (!target.ModelInPath)
        {
            json.WriteString("model"u8, target.Model);
        }

        json.WriteStartArray("messages"u8);
        new OpenAIMessageWriter(json, request, quirks, drops).Write();
        json.WriteEndArray();
        OpenAIToolWriter.Write(writer, request, quirks, drops);
        WriteParameters(writer, request, target, quirks, drops);
        WriteExtensions(writer, request, drops);
        json.WriteEndObject();
        return null;
    }

    /// <summary>Writes what chat completions and the older completions have in common.</summary>
    public static void WriteSampling(RequestBody writer, ChatRequest request, RequestTarget target, ProviderQuirks quirks, DropList drops)
    {
        var reasons = quirks.ReasoningModels && ReasoningModel.RefusesSampling(target.Model, request.Reasoning);
        Sampling(writer, "temperature", request.Temperature, reasons, request.Origin, drops);
        Sampling(writer, "top_p", request.TopP, reasons, request.Origin, drops);
        Sampling(writer, "frequency_penalty", request.FrequencyPenalty, reasons, request.Origin, drops, neutral: 0);
        Sampling(writer, "presence_penalty", request.PresencePenalty, reasons, request.Origin, drops, neutral: 0);
        if (quirks.TopK)
        {
            writer.Number("top_k", request.TopK);
            writer.Number("min_p", request.MinP);
        }
        else
        {
            drops.AddIf(request.TopK is not null, CallerNames.Of(request.Origin, "top_k"));
            drops.AddIf(request.MinP is not null, CallerNames.Of(request.Origin, "min_p"));
        }

        writer.Number(quirks.SeedMember, request.Seed);
        writer.Number("n", request.Choices is 1 ? null : request.Choices);
        if (request.Stop.Count > 0)
        {
            if (reasons)
            {
                drops.Add(CallerNames.Of(request.Origin, "stop"));
            }
            else
            {
                drops.AddIf(quirks.IsOpenAI && request.Stop.Count > MaxStops, CallerNames.Of(request.Origin, "stop"));
                writer.Texts("stop", quirks.IsOpenAI ? [.. request.Stop.Take(MaxStops)] : request.Stop);
            }
        }

        if (request.EndUser is not null && !quirks.EndUser)
        {
            drops.Add(CallerNames.Of(request.Origin, "user"));
        }
        else
        {
            writer.Text("user", request.EndUser);
        }

        if (!request.Stream)
        {
            return;
        }

        writer.Bool("stream", true);
        if (target.StreamUsageOption && writer.Begin("stream_options"))
        {
            writer.Json.WriteStartObject();
            writer.Json.WriteBoolean("include_usage"u8, true);
            writer.Json.WriteEndObject();
        }
    }

    private static void WriteParameters(RequestBody writer, ChatRequest request, RequestTarget target, ProviderQuirks quirks, DropList drops)
    {
        // Callers whose dialect demands a cap set it for the model they think they talk to; more than the model can produce is an error to OpenAI.
        writer.Number(quirks.MaxTokensMember, target.MaxOutputTokens is > 0 and var most && request.MaxOutputTokens > most ? most : request.MaxOutputTokens);
        WriteSampling(writer, request, target, quirks, drops);
        writer.Bool("logprobs", request.LogProbabilities);
        writer.Number("top_logprobs", request.TopLogProbabilities);
        WriteFormat(writer, request, quirks, drops);
        ReasoningWriter.Write(writer, request, target, quirks, drops);
        writer.Text("verbosity", request.Verbosity);
        if (request.Modalities.Count > 0)
        {
            writer.Texts("modalities", request.Modalities.ConvertAll(static m => m.ToLowerInvariant()));
        }

        if (request.ServiceTier is { } tier)
        {
            var word = request.Origin == DialectId.OpenAIChat ? tier : OpenAITiers.ForRequest(tier);
            word = quirks.ServiceTier ? word : null;
            drops.AddIf(word is null && OpenAITiers.ForRequest(tier) is not ("auto" or "default"), CallerNames.Of(request.Origin, "service_tier"));
            writer.Text("service_tier", word);
        }

        if (request.Metadata.Count > 0)
        {
            // OpenAI takes labels for what it is to store, and refuses them otherwise.
            if (!quirks.Metadata || (quirks.IsOpenAI && !IsStored(request)))
            {
                drops.Add(CallerNames.Of(request.Origin, "metadata"));
            }
            else if (writer.Begin("metadata"))
            {
                writer.Json.WriteStartObject();
                foreach (var (name, value) in request.Metadata)
                {
                    writer.Json.WriteString(name, value);
                }

                writer.Json.WriteEndObject();
            }
        }
    }

    private static void Sampling(RequestBody writer, string name, double? value, bool refused, DialectId origin, DropList drops, double neutral = 1)
    {
        if (!refused)
        {
            writer.Number(name, value);
        }
        else if (value is not null && value != neutral)
        {
            drops.Add(CallerNames.Of(origin, name));
        }
    }

    private static void WriteFormat(RequestBody writer, ChatRequest request, ProviderQuirks quirks, DropList drops)
    {
        var format = request.Format;
        if (format is null || (format.Kind == ResponseFormatKind.JsonSchema && format.Schema is null) || !writer.Begin("response_format"))
        {
            return;
        }

        var json = writer.Json;
        json.WriteStartObject();
        if (format.Kind == ResponseFormatKind.JsonSchema && !quirks.JsonSchema)
        {
            drops.Add(CallerNames.Of(request.Origin, "response_format"));
        }

        if (format.Kind == ResponseFormatKind.JsonSchema && quirks.JsonSchema)
        {
            json.WriteString("type"u8, "json_schema"u8);
            json.WriteStartObject("json_schema"u8);
            json.WriteString("name"u8, format.Name ?? "answer");
            json.WriteOptional("description", format.Description);
            json.WriteElement("schema", format.Schema!.Value);
            json.WriteOptional("strict", StrictSchema.Of(format.Strict, format.Schema, request.Origin, out var isLost));
            drops.AddIf(isLost, CallerNames.Of(request.Origin, "response_format") + ".strict");
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type"u8, format.Kind == ResponseFormatKind.Text ? "text"u8 : "json_object"u8);
        }

        json.WriteEndObject();
    }

    private static bool IsStored(ChatRequest request) =>
        request.Origin is DialectId.OpenAIChat or DialectId.OpenAIResponses && request.Extensions.Exists(static e => e is { Name: "store", Value.ValueKind: JsonValueKind.True });

    private static void WriteExtensions(RequestBody writer, ChatRequest request, DropList drops)
    {
        foreach (var extension in request.Extensions)
        {
            if (request.Origin == DialectId.OpenAIChat)
            {
                if (writer.Begin(extension.Name))
                {
                    extension.Value.WriteTo(writer.Json);
                }
            }
            else
            {
                drops.Add(extension.Name);
            }
        }
    }
}
