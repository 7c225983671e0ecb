using System.Text.Json;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>
/// <c>additionalModelRequestFields</c>: what Converse passes on to the model as it is. Thinking and top-k are there, in each model family's own words.
/// </summary>
internal static class BedrockModelFields
{
    private const string Prefix = "additionalModelRequestFields.";

    public static void Read(JsonElement fields, ChatRequest request)
    {
        bool? enabled = null;
        bool? shown = null;
        int? budget = null;
        string? effort = null;
        foreach (var field in fields.EnumerateObject())
        {
            switch (field.Name)
            {
                case "thinking" or "reasoning_config" or "reasoningConfig":
                    var type = field.Value.StringOf("type");
                    enabled = type switch { "disabled" => false, null => null, _ => true };
                    shown = enabled == true ? field.Value.StringOf("display") != "omitted" : null;
                    budget = field.Value.IntOf("budget_tokens") ?? (type == "adaptive" ? -1 : null);
                    effort ??= field.Value.StringOf("maxReasoningEffort");
                    break;
                case "output_config":
                    effort = field.Value.StringOf("effort") is { } own ? own == "max" ? "xhigh" : own : effort;
                    break;
                case "reasoning_effort" when field.Value.ValueKind == JsonValueKind.String:
                    effort = field.Value.GetString();
                    enabled ??= effort != "none";
                    break;
                case "top_k":
                    request.TopK = fields.IntOf("top_k");
                    break;
                case "inferenceConfig":
                    request.TopK = field.Value.IntOf("topK") ?? request.TopK;
                    break;
                default:
                    request.Extensions.Add(new RequestExtension(Prefix + field.Name, field.Value));
                    break;
            }
        }

        if (enabled is not null || effort is not null)
        {
            request.Reasoning = new ReasoningOptions { Enabled = enabled, BudgetTokens = budget, Effort = effort, IncludeText = shown };
        }
    }

    /// <summary>Writes the fields, when there are any.</summary>
    public static void Write(Utf8JsonWriter writer, ChatRequest request, BedrockModel model, in ClaudeThinking thinking, DropList drops)
    {
        var extensions = request.Origin == DialectId.BedrockConverse ? request.Extensions.FindAll(static e => e.Name.StartsWith(Prefix, StringComparison.Ordinal)) : [];
        var effort = model.IsClaude ? thinking.Effort : model.EffortOf(request.Reasoning);
        if (!model.IsClaude && effort is null && request.Reasoning is { Enabled: not false } and not { Effort: "none" })
        {
            drops.Add(CallerNames.Of(request.Origin, "reasoning_effort"));
        }

        var topK = request.TopK is > 0 && model.TopKName is not null && !(model.IsClaude && (model.Claude.RefusesSampling || thinking.IsOn)) ? request.TopK : null;
        drops.AddIf(request.TopK is > 0 && topK is null, CallerNames.Of(request.Origin, "top_k"));
        if (thinking.Type is null && effort is null && topK is null && extensions.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("additionalModelRequestFields"u8);
        if (model.IsClaude)
        {
            WriteThinking(writer, thinking);
        }
        else if (effort is not null)
        {
            WriteEffort(writer, model, effort);
        }

        if (topK is not null && model.TopKName == "topK")
        {
            writer.WriteStartObject("inferenceConfig"u8);
            writer.WriteNumber("topK"u8, topK.Value);
            writer.WriteEndObject();
        }
        else if (topK is not null)
        {
            writer.WriteNumber(model.TopKName!, topK.Value);
        }

        foreach (var extension in extensions)
        {
            writer.WriteElement(extension.Name[Prefix.Length..], extension.Value);
        }

        writer.WriteEndObject();
    }

    private static void WriteThinking(Utf8JsonWriter writer, in ClaudeThinking thinking)
    {
        if (thinking.Type is not null)
        {
            writer.WriteStartObject("thinking"u8);
            writer.WriteString("type"u8, thinking.Type);
            if (thinking.Type == "enabled")
            {
                writer.WriteNumber("budget_tokens"u8, thinking.Budget);
            }

            writer.WriteOptional("display", thinking.Display);
            writer.WriteEndObject();
        }

        if (thinking.Effort is not null)
        {
            writer.WriteStartObject("output_config"u8);
            writer.WriteString("effort"u8, thinking.Effort);
            writer.WriteEndObject();
        }
    }

    private static void WriteEffort(Utf8JsonWriter writer, BedrockModel model, string effort)
    {
        if (model.Family == BedrockFamily.Nova)
        {
            writer.WriteStartObject("reasoningConfig"u8);
            writer.WriteString("type"u8, "enabled"u8);
            writer.WriteString("maxReasoningEffort"u8, effort);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteString("reasoning_effort"u8, effort);
        }
    }
}
