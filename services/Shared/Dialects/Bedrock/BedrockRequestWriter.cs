using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Writes a request for Converse or ConverseStream; model and stream are told by the address.</summary>
internal sealed class BedrockRequestWriter(ChatRequest request, RequestTarget target, DropList drops)
{
    private readonly BedrockModel _model = BedrockModel.Parse(target.Model);
    private readonly List<string> _instructions = [];
    private bool _structuredTool;
    private ToolChoiceMode? _choice;

    private bool IsOwn => request.Origin == DialectId.BedrockConverse;

    public DialectProblem? Write(IBufferWriter<byte> output)
    {
        foreach (var extension in request.Extensions.Where(_ => !IsOwn))
        {
            if (extension.Essential)
            {
                return new DialectProblem($"{extension.Name} cannot be used with a model of this provider, and an answer without it would not be what was asked for.", extension.Name);
            }

            drops.Add(extension.Name);
        }

        var conversation = ConversationTurns.Arrange(request, (part, role) => BedrockMessageWriter.CanWrite(part, role, request.Origin, drops));
        PlanStructure();
        _choice = PlanChoice();
        var forced = _choice is ToolChoiceMode.Required or ToolChoiceMode.Named;
        var thinking = _model.IsClaude
            ? ClaudeThinking.Decide(request, _model.Claude, target.MaxOutputTokens, forced, DialectId.BedrockConverse, drops)
            : new ClaudeThinking();

        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        var messages = new BedrockMessageWriter(_model, conversation, writer, request.Origin, drops);
        messages.WriteSystem(_instructions);
        messages.WriteMessages();
        WriteInference(writer, thinking);
        WriteTools(writer, conversation);
        BedrockModelFields.Write(writer, request, _model, thinking, drops);
        WriteRest(writer);
        writer.WriteEndObject();
        return null;
    }

    private void PlanStructure()
    {
        switch (request.Format?.Kind)
        {
            case ResponseFormatKind.JsonSchema when request.Format.Schema is { } schema:
                _structuredTool = !IsOwn && !(_model.TakesSchema && StructuredSchema.CanExpress(schema));
                break;
            case ResponseFormatKind.JsonObject or ResponseFormatKind.JsonSchema:
                _instructions.Add("Answer with one JSON object and nothing else: no text around it and no code fence.");
                break;
        }

        if (_structuredTool)
        {
            _instructions.Add($"Give the final answer by calling the tool {AnthropicJson.StructuredTool}, once, with the answer as its input.");
        }
    }

    private ToolChoiceMode? PlanChoice()
    {
        var asked = request.ToolChoice?.Mode;
        if (_structuredTool)
        {
            var thinks = _model.Claude.Thinking != ThinkingMode.None && _model.IsClaude
                && request.Reasoning is { Enabled: not false } and not { Enabled: null, Effort: null or "none" };
            return thinks || !_model.TakesForcedTools ? ToolChoiceMode.Auto
                : request.Tools.Count == 0 || asked == ToolChoiceMode.None ? ToolChoiceMode.Named : ToolChoiceMode.Required;
        }

        if (asked is ToolChoiceMode.Required or ToolChoiceMode.Named && !_model.TakesForcedTools)
        {
            drops.Add(CallerNames.Of(request.Origin, "tool_choice"));
            return ToolChoiceMode.Auto;
        }

        return asked;
    }

    private void WriteInference(Utf8JsonWriter writer, in ClaudeThinking thinking)
    {
        var cap = thinking.Type == "enabled" ? thinking.MaxTokens
            : request.MaxOutputTokens is { } asked ? Math.Min(Math.Max(asked, 1), target.MaxOutputTokens ?? int.MaxValue) : null;
        var sampling = ClaudeSampling.Decide(request, _model.Claude, thinking.IsOn, drops);
        var stops = request.Stop.FindAll(static s => !string.IsNullOrWhiteSpace(s));
        drops.AddIf(stops.Count < request.Stop.Count, CallerNames.Of(request.Origin, "stop"));
        if (cap is null && sampling.Temperature is null && sampling.TopP is null && stops.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("inferenceConfig"u8);
        writer.WriteOptional("maxTokens", cap);
        writer.WriteOptional("temperature", sampling.Temperature);
        writer.WriteOptional("topP", sampling.TopP);
        if (stops.Count > 0)
        {
            writer.WriteStartArray("stopSequences"u8);
            stops.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private void WriteTools(Utf8JsonWriter writer, ConversationTurns conversation)
    {
        var name = CallerNames.Of(request.Origin, "tools");
        var tools = request.Tools.FindAll(t => request.ToolChoice is not { Allowed.Count: > 0 } choice || choice.Allowed.Contains(t.Name, StringComparer.Ordinal));
        foreach (var foreign in tools.Where(t => t.Kind == ToolKind.Hosted && !IsOwn))
        {
            drops.Add($"{name}.{foreign.Name}");
        }

        tools.RemoveAll(t => t.Kind == ToolKind.Hosted && !IsOwn);
        // There is no way to forbid tools but to leave them out, and none to leave them out of a conversation that called some.
        if (_choice == ToolChoiceMode.None)
        {
            drops.AddIf(conversation.CalledTools.Count > 0 && tools.Count > 0, CallerNames.Of(request.Origin, "tool_choice"));
            tools = conversation.CalledTools.Count > 0 ? tools : [];
        }

        var forgotten = tools.Count == 0 ? conversation.CalledTools : [];
        if (tools.Count == 0 && forgotten.Count == 0 && !_structuredTool)
        {
            return;
        }

        drops.AddIf(request.ParallelToolCalls == false, CallerNames.Of(request.Origin, "parallel_tool_calls"));
        writer.WriteStartObject("toolConfig"u8);
        writer.WriteStartArray("tools"u8);
        foreach (var tool in tools)
        {
            WriteTool(writer, tool);
        }

        forgotten.ForEach(called => BedrockTools.Write(writer, called, null, null));
        if (_structuredTool)
        {
            BedrockTools.Write(writer, AnthropicJson.StructuredTool, request.Format!.Description ?? "Takes the final answer, in the form asked for.", request.Format.Schema);
        }

        writer.WriteEndArray();
        WriteChoice(writer);
        writer.WriteEndObject();
    }

    private void WriteTool(Utf8JsonWriter writer, ToolDefinition tool)
    {
        if (tool is { Kind: ToolKind.Hosted, Raw: { } raw })
        {
            raw.WriteTo(writer);
        }
        else
        {
            BedrockTools.Write(writer, tool, tool.Strict == true && _model.TakesSchema && tool.Parameters is { } parameters && StructuredSchema.CanExpress(parameters));
        }

        if (_model.TakesToolCache)
        {
            BedrockMessageWriter.WriteCache(writer, tool.Cache, _model);
        }
    }

    private void WriteChoice(Utf8JsonWriter writer)
    {
        if (_choice is null or ToolChoiceMode.None)
        {
            return;
        }

        writer.WriteStartObject("toolChoice"u8);
        writer.WriteStartObject(_choice switch { ToolChoiceMode.Required => "any"u8, ToolChoiceMode.Named => "tool"u8, _ => "auto"u8 });
        if (_choice == ToolChoiceMode.Named)
        {
            writer.WriteString("name"u8, _structuredTool ? AnthropicJson.StructuredTool : request.ToolChoice!.Name);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteRest(Utf8JsonWriter writer)
    {
        if (!_structuredTool && request.Format is { Kind: ResponseFormatKind.JsonSchema, Schema: { } schema })
        {
            WriteFormat(writer, schema);
        }

        if (request.Metadata.Count > 0)
        {
            writer.WriteStartObject("requestMetadata"u8);
            foreach (var (label, value) in request.Metadata)
            {
                writer.WriteString(label, value);
            }

            writer.WriteEndObject();
        }

        var tier = IsOwn ? request.ServiceTier : request.ServiceTier is "default" or "flex" or "priority" ? request.ServiceTier : null;
        if (tier is not null)
        {
            writer.WriteStartObject("serviceTier"u8);
            writer.WriteString("type"u8, tier);
            writer.WriteEndObject();
        }

        foreach (var extension in request.Extensions.Where(e => IsOwn && !e.Name.Contains('.', StringComparison.Ordinal)))
        {
            writer.WriteElement(extension.Name, extension.Value);
        }

        Report(request.ServiceTier is not (null or "auto") && tier is null, "service_tier");
        Report(request.EndUser is not null, "user");
        Report(request.MinP is > 0, "min_p");
        Report(request.FrequencyPenalty is not (null or 0), "frequency_penalty");
        Report(request.PresencePenalty is not (null or 0), "presence_penalty");
        Report(request.Seed is not null, "seed");
        Report(request.Choices is > 1, "n");
        Report(request.LogProbabilities == true, "logprobs");
        Report(request.TopLogProbabilities is > 0, "top_logprobs");
        Report(request.Verbosity is not null, "verbosity");
        Report(request.Modalities.Exists(static m => !m.Equals("text", StringComparison.OrdinalIgnoreCase)), "modalities");
        Report(request.Messages.Exists(static m => m.Name is not null), CallerNames.Content(request.Origin, "name"));
    }

    private void WriteFormat(Utf8JsonWriter writer, JsonElement schema)
    {
        var fitted = new ArrayBufferWriter<byte>();
        using (var inner = JsonOutput.Create(fitted))
        {
            if (IsOwn)
            {
                schema.WriteTo(inner);
            }
            else
            {
                StructuredSchema.Write(inner, schema);
            }
        }

        writer.WriteStartObject("outputConfig"u8);
        writer.WriteStartObject("textFormat"u8);
        writer.WriteString("type"u8, "json_schema"u8);
        writer.WriteStartObject("structure"u8);
        writer.WriteStartObject("jsonSchema"u8);
        writer.WriteString("schema"u8, fitted.WrittenSpan);
        writer.WriteOptional("name", request.Format!.Name);
        writer.WriteOptional("description", request.Format.Description);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void Report(bool present, string name) => drops.AddIf(present, CallerNames.Of(request.Origin, name));
}
