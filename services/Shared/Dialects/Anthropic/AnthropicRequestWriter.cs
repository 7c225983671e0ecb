using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Writes a request for a provider.</summary>
internal sealed class AnthropicRequestWriter(ChatRequest request, RequestTarget target, DropList drops)
{
    private const int DefaultMaxTokens = 4096;
    private readonly ClaudeModel _model = ClaudeModel.Parse(target.Model);
    private readonly List<string> _instructions = [];
    private bool _structuredTool;
    private ToolChoiceMode? _choice;

    private bool IsOwn => request.Origin == DialectId.Anthropic;

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

        var conversation = ConversationTurns.Arrange(request, (part, role) => AnthropicMessageWriter.CanWrite(part, role, request.Origin, drops));
        PlanStructure();
        _choice = PlanChoice();
        var thinking = ClaudeThinking.Decide(
            request, _model, target.MaxOutputTokens, _choice is ToolChoiceMode.Required or ToolChoiceMode.Named, DialectId.Anthropic, drops);

        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        WriteHead(writer, thinking.MaxTokens ?? DefaultMaxTokens);
        var messages = new AnthropicMessageWriter(request, conversation, writer);
        messages.WriteSystem(_instructions);
        messages.WriteMessages(drops);
        WriteTools(writer, conversation);
        new AnthropicSettings(request, target, _model, drops).Write(writer, thinking, !_structuredTool);
        if (IsOwn)
        {
            foreach (var extension in request.Extensions.Where(static e => !e.Name.Contains('.', StringComparison.Ordinal)))
            {
                writer.WriteElement(extension.Name, extension.Value);
            }
        }

        writer.WriteEndObject();
        return null;
    }

    private void WriteHead(Utf8JsonWriter writer, int maxTokens)
    {
        // Clouds that serve Claude name the model in the address and the version of the dialect in the body.
        var bedrock = target.ModelInPath && target.Provider.Contains("bedrock", StringComparison.OrdinalIgnoreCase);
        if (target.ModelInPath)
        {
            writer.WriteString("anthropic_version"u8, bedrock ? "bedrock-2023-05-31"u8 : "vertex-2023-10-16"u8);
        }
        else
        {
            writer.WriteString("model"u8, target.Model);
        }

        writer.WriteNumber(target.RenamedParameters.GetValueOrDefault("max_tokens", "max_tokens"), maxTokens);
        if (request.Stream && !bedrock)
        {
            writer.WriteBoolean("stream"u8, true);
        }
    }

    private void PlanStructure()
    {
        switch (request.Format?.Kind)
        {
            case ResponseFormatKind.JsonSchema when request.Format.Schema is { } schema:
                // Vertex AI refuses output_config.format unless the organisation allows it.
                var native = IsOwn || (_model.TakesSchema && !target.Provider.Contains("vertex", StringComparison.OrdinalIgnoreCase) && StructuredSchema.CanExpress(schema));
                _structuredTool = !native;
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
            var thinks = _model.Thinking != ThinkingMode.None && request.Reasoning is { Enabled: not false } and not { Enabled: null, Effort: null or "none" };
            return thinks || _model.RefusesForcedTools ? ToolChoiceMode.Auto
                : request.Tools.Count == 0 || asked == ToolChoiceMode.None ? ToolChoiceMode.Named : ToolChoiceMode.Required;
        }

        if (asked is ToolChoiceMode.Required or ToolChoiceMode.Named && _model.RefusesForcedTools)
        {
            drops.Add(CallerNames.Of(request.Origin, "tool_choice"));
            return ToolChoiceMode.Auto;
        }

        return asked;
    }

    private void WriteTools(Utf8JsonWriter writer, ConversationTurns conversation)
    {
        var tools = request.Tools.Where(t => request.ToolChoice is not { Allowed.Count: > 0 } choice || choice.Allowed.Contains(t.Name, StringComparer.Ordinal)).ToList();
        // A conversation that called tools is refused without their definitions.
        var forgotten = tools.Count == 0 && conversation.CalledTools.Count > 0;
        if (tools.Count == 0 && !forgotten && !_structuredTool)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        var count = 0;
        using (var list = JsonOutput.Create(buffer))
        {
            list.WriteStartArray();
            foreach (var tool in tools)
            {
                if (AnthropicTools.TryWrite(list, tool, request.Origin, _model))
                {
                    count++;
                }
                else
                {
                    drops.Add($"{CallerNames.Of(request.Origin, "tools")}.{tool.Name}");
                }
            }

            foreach (var name in conversation.CalledTools.Where(_ => forgotten))
            {
                AnthropicTools.WriteForgotten(list, name);
                count++;
            }

            if (_structuredTool)
            {
                AnthropicTools.WriteStructured(list, request.Format!);
                count++;
            }

            list.WriteEndArray();
        }

        if (count > 0)
        {
            writer.WritePropertyName("tools"u8);
            writer.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
            WriteChoice(writer, forgotten && !_structuredTool ? ToolChoiceMode.None : _choice);
        }
    }

    private void WriteChoice(Utf8JsonWriter writer, ToolChoiceMode? mode)
    {
        var single = request.ParallelToolCalls == false;
        if (mode is null && !single)
        {
            return;
        }

        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, mode switch
        {
            ToolChoiceMode.None => "none"u8,
            ToolChoiceMode.Required => "any"u8,
            ToolChoiceMode.Named => "tool"u8,
            _ => "auto"u8,
        });
        if (mode == ToolChoiceMode.Named)
        {
            writer.WriteString("name"u8, _structuredTool ? AnthropicJson.StructuredTool : request.ToolChoice!.Name);
        }

        if (mode != ToolChoiceMode.None && request.ParallelToolCalls is not null)
        {
            writer.WriteBoolean("disable_parallel_tool_use"u8, single);
        }

        writer.WriteEndObject();
    }
}
