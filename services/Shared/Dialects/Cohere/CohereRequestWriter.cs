using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>Writes a chat request for Cohere.</summary>
internal static class CohereRequestWriter
{
    private const int MaxStops = 5;
    private const double MaxP = 0.99;

    /// <summary>See <see cref="IChatDialect.WriteRequest"/>.</summary>
    public static DialectProblem? Write(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops)
    {
        if (request.Origin != DialectId.Cohere && request.Extensions.Find(static e => e.Essential) is { } essential)
        {
            return new DialectProblem($"{essential.Name} cannot be expressed for the provider of this model. Leave it out, or ask for a model whose provider has it.", essential.Name);
        }

        using var writer = JsonOutput.Create(output);
        var members = new Members(writer, target, drops);
        writer.WriteStartObject();
        if (!target.ModelInPath)
        {
            writer.WriteString("model", target.Model);
        }

        if (request.Stream)
        {
            writer.WriteBoolean("stream", true);
        }

        var documents = CohereMessageWriter.Write(writer, request, drops);
        WriteTools(writer, request, drops);
        WriteSettings(members, request, target, drops);
        if (documents > 0 && !request.Extensions.Exists(static e => e.Name == "citation_options") && !Cites(request) && members.Begin("citation_options"))
        {
            writer.WriteStartObject();
            writer.WriteString("mode", "OFF");
            writer.WriteEndObject();
        }

        foreach (var extension in request.Extensions)
        {
            if (request.Origin != DialectId.Cohere)
            {
                drops.Add(extension.Name);
            }
            else if (members.Begin(extension.Name))
            {
                extension.Value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
        return null;
    }

    private static bool Cites(ChatRequest request) => request.Messages.SelectMany(static m => m.Parts).OfType<MediaPart>().Any(static m => m.CitationsEnabled == true);

    private static void WriteSettings(Members members, ChatRequest request, RequestTarget target, DropList drops)
    {
        var writer = members.Writer;
        members.Number("max_tokens", request.MaxOutputTokens);
        members.Number("temperature", request.Temperature);
        members.Number("p", request.TopP is { } p ? Math.Min(p, MaxP) : null);
        members.Number("k", request.TopK);
        if (request.Seed is { } seed)
        {
            if (seed < 0)
            {
                drops.Add(CallerNames.Of(request.Origin, "seed"));
            }
            else if (members.Begin("seed"))
            {
                writer.WriteNumberValue(seed);
            }
        }

        members.Number("frequency_penalty", Penalty(request.FrequencyPenalty, "frequency_penalty"));
        members.Number("presence_penalty", Penalty(request.PresencePenalty, "presence_penalty"));
        if (request.Stop.Count > MaxStops)
        {
            drops.Add($"{CallerNames.Of(request.Origin, "stop")}[{MaxStops}:]");
        }

        if (request.Stop.Count > 0 && members.Begin("stop_sequences"))
        {
            writer.WriteStartArray();
            foreach (var stop in request.Stop.Take(MaxStops))
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }

        // Penalties are from 0 to 1 here: rewards for repetition cannot be said, more than the most is the most.
        double? Penalty(double? value, string name)
        {
            drops.AddIf(value is < 0 or > 1, CallerNames.Of(request.Origin, name));
            return value is < 0 ? null : value is > 1 ? 1 : value;
        }

        if (request.LogProbabilities == true && members.Begin("logprobs"))
        {
            writer.WriteBooleanValue(true);
        }

        WriteFormat(members, request);
        WriteThinking(members, request, target, drops);
        Drop(request, drops);
    }

    private static void WriteFormat(Members members, ChatRequest request)
    {
        if (request.Format is not { Kind: not ResponseFormatKind.Text } format || !members.Begin("response_format"))
        {
            return;
        }

        members.Writer.WriteStartObject();
        members.Writer.WriteString("type", "json_object");
        if (format is { Kind: ResponseFormatKind.JsonSchema, Schema: { } schema })
        {
            members.Writer.WriteElement("json_schema", schema);
        }

        members.Writer.WriteEndObject();
    }

    private static void WriteThinking(Members members, ChatRequest request, RequestTarget target, DropList drops)
    {
        if (request.Reasoning is not { } reasoning)
        {
            return;
        }

        var off = reasoning.Enabled == false || reasoning.Effort == "none" || reasoning.BudgetTokens == 0;
        var on = !off && (reasoning.Enabled == true || reasoning.Effort is not null || reasoning.BudgetTokens is not null);
        if (request.Origin != DialectId.Cohere && !Thinks(target.Model))
        {
            // A model that does not think refuses the member, even to be told not to.
            if (on)
            {
                drops.Add(CallerNames.Of(request.Origin, "reasoning_effort"));
            }

            return;
        }

        if ((on || off) && members.Begin("thinking"))
        {
            members.Writer.WriteStartObject();
            members.Writer.WriteString("type", off ? "disabled" : "enabled");
            if (on && reasoning.BudgetTokens is > 0 and var budget)
            {
                members.Writer.WriteNumber("token_budget", budget);
            }
            else if (on && reasoning.Effort is "minimal" or "low")
            {
                members.Writer.WriteNumber("token_budget", 1024);
            }

            members.Writer.WriteEndObject();
        }
    }

    private static bool Thinks(string model) =>
        !model.StartsWith("command-r", StringComparison.OrdinalIgnoreCase) && !model.StartsWith("command-a-0", StringComparison.OrdinalIgnoreCase)
        && !model.StartsWith("command-a-vision", StringComparison.OrdinalIgnoreCase) && !model.StartsWith("command-a-translate", StringComparison.OrdinalIgnoreCase)
        && !model.Contains("aya", StringComparison.OrdinalIgnoreCase);

    private static void WriteTools(Utf8JsonWriter writer, ChatRequest request, DropList drops)
    {
        // The dialect cannot name one tool: offering no other comes to the same.
        var choice = request.ToolChoice;
        IReadOnlyList<string> allowed = choice is { Mode: ToolChoiceMode.Named, Name: { } name } ? [name] : choice?.Allowed ?? [];
        var tools = request.Tools.FindAll(t => t.Kind != ToolKind.Hosted && (allowed.Count == 0 || allowed.Contains(t.Name)));
        foreach (var hosted in request.Tools.Where(static t => t.Kind == ToolKind.Hosted))
        {
            drops.Add($"{CallerNames.Of(request.Origin, "tools")}.{hosted.Name}");
        }

        if (tools.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", tool.Name);
            writer.WriteOptional("description", tool.Description);
            writer.WritePropertyName("parameters");
            WriteParameters(writer, tool);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (tools.Exists(static t => t.Strict == true))
        {
            writer.WriteBoolean("strict_tools", true);
        }

        writer.WriteOptional("tool_choice", choice?.Mode switch
        {
            ToolChoiceMode.Required or ToolChoiceMode.Named => "REQUIRED",
            ToolChoiceMode.None => "NONE",
            _ => null,
        });
    }

    private static void WriteParameters(Utf8JsonWriter writer, ToolDefinition tool)
    {
        if (tool.Kind == ToolKind.Function && tool.Parameters is { ValueKind: JsonValueKind.Object } parameters)
        {
            parameters.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        if (tool.Kind == ToolKind.Custom)
        {
            // A tool with free text becomes a function of one text.
            writer.WriteStartObject("input");
            writer.WriteString("type", "string");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (tool.Kind == ToolKind.Custom)
        {
            writer.WriteStartArray("required");
            writer.WriteStringValue("input");
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Drop(ChatRequest request, DropList drops)
    {
        void When(bool isSaid, string name)
        {
            if (isSaid)
            {
                drops.Add(CallerNames.Of(request.Origin, name));
            }
        }

        When(request.Choices > 1, "n");
        When(request.TopLogProbabilities is not null, "top_logprobs");
        When(request.ParallelToolCalls == false, "parallel_tool_calls");
        When(request.MinP is not null, "min_p");
        When(request.Verbosity is not null, "verbosity");
        When(request.EndUser is not null, "user");
        When(request.Metadata.Count > 0, "metadata");
        When(request.ServiceTier is not (null or "auto" or "default"), "service_tier");
        When(request.Modalities.Exists(static m => m != "text"), "modalities");
    }

    /// <summary>Top-level members, with the provider's renamed and refused ones observed.</summary>
    private sealed class Members(Utf8JsonWriter writer, RequestTarget target, DropList drops)
    {
        public Utf8JsonWriter Writer => writer;

        public bool Begin(string name)
        {
            if (target.DroppedParameters.Contains(name))
            {
                drops.Add(name);
                return false;
            }

            writer.WritePropertyName(target.RenamedParameters.GetValueOrDefault(name, name));
            return true;
        }

        public void Number(string name, double? value)
        {
            if (value is { } number && Begin(name))
            {
                writer.WriteNumberValue(number);
            }
        }
    }
}
