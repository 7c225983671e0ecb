using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Writes the settings of a request: sampling, thinking, form of the answer, and who asks.</summary>
internal sealed class AnthropicSettings(ChatRequest request, RequestTarget target, ClaudeModel model, DropList drops)
{
    public void Write(Utf8JsonWriter writer, in ClaudeThinking thinking, bool nativeFormat)
    {
        WriteSampling(writer, thinking.IsOn);
        WriteThinking(writer, thinking);
        WriteOutput(writer, thinking.Effort, nativeFormat);
        WriteCaller(writer);
        ReportRest();
    }

    private void WriteSampling(Utf8JsonWriter writer, bool thinks)
    {
        var sampling = ClaudeSampling.Decide(request, model, thinks, drops);
        if (sampling.Temperature is { } temperature && Allows("temperature", out var name))
        {
            writer.WriteNumber(name, temperature);
        }

        if (sampling.TopP is { } topP && Allows("top_p", out name))
        {
            writer.WriteNumber(name, topP);
        }

        if (request.TopK is > 0 && (thinks || model.RefusesSampling))
        {
            Report("top_k");
        }
        else if (request.TopK is > 0 && Allows("top_k", out name))
        {
            writer.WriteNumber(name, request.TopK.Value);
        }

        var stops = request.Stop.FindAll(static s => !string.IsNullOrWhiteSpace(s));
        if (stops.Count < request.Stop.Count)
        {
            Report("stop");
        }

        if (stops.Count > 0 && Allows("stop_sequences", out name))
        {
            writer.WriteStartArray(name);
            foreach (var stop in stops)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }
    }

    private static void WriteThinking(Utf8JsonWriter writer, in ClaudeThinking thinking)
    {
        if (thinking.Type is null)
        {
            return;
        }

        writer.WriteStartObject("thinking"u8);
        writer.WriteString("type"u8, thinking.Type);
        if (thinking.Type == "enabled")
        {
            writer.WriteNumber("budget_tokens"u8, thinking.Budget);
        }

        writer.WriteOptional("display", thinking.Display);
        writer.WriteEndObject();
    }

    private void WriteOutput(Utf8JsonWriter writer, string? effort, bool nativeFormat)
    {
        var own = request.Origin == DialectId.Anthropic;
        var more = own ? request.Extensions.FindAll(static e => e.Name.StartsWith("output_config.", StringComparison.Ordinal)) : [];
        var schema = nativeFormat && request.Format is { Kind: ResponseFormatKind.JsonSchema } ? request.Format.Schema : null;
        if (effort is null && schema is null && more.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("output_config"u8);
        writer.WriteOptional("effort", effort);
        if (schema is { } known)
        {
            writer.WriteStartObject("format"u8);
            writer.WriteString("type"u8, "json_schema"u8);
            writer.WritePropertyName("schema"u8);
            if (own)
            {
                known.WriteTo(writer);
            }
            else
            {
                StructuredSchema.Write(writer, known);
            }

            writer.WriteEndObject();
        }

        foreach (var extension in more)
        {
            writer.WriteElement(extension.Name["output_config.".Length..], extension.Value);
        }

        writer.WriteEndObject();
    }

    private void WriteCaller(Utf8JsonWriter writer)
    {
        if (request.EndUser is not null && Allows("metadata", out var name))
        {
            writer.WriteStartObject(name);
            writer.WriteString("user_id"u8, request.EndUser);
            writer.WriteEndObject();
        }

        var tier = request.Origin == DialectId.Anthropic ? request.ServiceTier : request.ServiceTier switch
        {
            "auto" => "auto",
            "default" or "standard" => "standard_only",
            _ => null,
        };
        if (tier is null)
        {
            Report(request.ServiceTier is null ? null : "service_tier");
        }
        else if (Allows("service_tier", out name))
        {
            writer.WriteString(name, tier);
        }
    }

    private void ReportRest()
    {
        Report(request.MinP is > 0 ? "min_p" : null);
        Report(request.FrequencyPenalty is not (null or 0) ? "frequency_penalty" : null);
        Report(request.PresencePenalty is not (null or 0) ? "presence_penalty" : null);
        Report(request.Seed is not null ? "seed" : null);
        Report(request.Choices is > 1 ? "n" : null);
        Report(request.LogProbabilities == true ? "logprobs" : null);
        Report(request.TopLogProbabilities is > 0 ? "top_logprobs" : null);
        Report(request.Verbosity is not null ? "verbosity" : null);
        Report(request.Metadata.Count > 0 ? "metadata" : null);
        Report(request.Modalities.Exists(static m => !m.Equals("text", StringComparison.OrdinalIgnoreCase)) ? "modalities" : null);
        Report(request.Messages.Exists(static m => m.Name is not null) ? CallerNames.Content(request.Origin, "name") : null);
    }

    /// <summary>Tells under which name the provider takes a member; false when it refuses it, which is reported.</summary>
    private bool Allows(string member, out string name)
    {
        name = target.RenamedParameters.GetValueOrDefault(member, member);
        if (!target.DroppedParameters.Contains(member))
        {
            return true;
        }

        drops.Add(member);
        return false;
    }

    private void Report(string? name)
    {
        if (name is not null)
        {
            drops.Add(CallerNames.Of(request.Origin, name));
        }
    }
}
