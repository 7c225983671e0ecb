using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI.Compatible;

namespace Gateway.Dialects.OpenAI;

/// <summary>Writes the wish for reasoning in the provider's form.</summary>
internal static class ReasoningWriter
{
    public static void Write(RequestBody writer, ChatRequest request, RequestTarget target, ProviderQuirks quirks, DropList drops)
    {
        if (request.Reasoning is not { } options || options is { Enabled: null, Effort: null, BudgetTokens: null, IncludeText: null })
        {
            return;
        }

        switch (quirks.Reasoning)
        {
            case ReasoningForm.Effort:
                WriteEffort(writer, options, target, quirks);
                break;
            case ReasoningForm.Object:
                WriteObject(writer, options);
                break;
            case ReasoningForm.Thinking when Wanted(options) is { } wanted && writer.Begin("thinking"):
                writer.Json.WriteStartObject();
                writer.Json.WriteString("type"u8, wanted ? "enabled"u8 : "disabled"u8);
                writer.Json.WriteEndObject();
                break;
            case ReasoningForm.EnableThinking:
                writer.Bool("enable_thinking", Wanted(options));
                writer.Number("thinking_budget", options.BudgetTokens is > 0 ? options.BudgetTokens : null);
                break;
            case ReasoningForm.None:
                drops.Add(CallerNames.Of(request.Origin, "reasoning_effort"));
                break;
        }
    }

    /// <summary>The effort that comes nearest to a budget of tokens.</summary>
    public static string EffortOf(int budget) => budget switch
    {
        <= 0 => "medium",
        <= 1_024 => "minimal",
        <= 4_096 => "low",
        <= 16_384 => "medium",
        _ => "high",
    };

    private static void WriteEffort(RequestBody writer, ReasoningOptions options, RequestTarget target, ProviderQuirks quirks)
    {
        var effort = options.Effort
            ?? (options.Enabled == false ? "none" : options.BudgetTokens is { } budget ? budget == 0 ? "none" : EffortOf(budget) : options.Enabled == true ? "medium" : null);
        if (quirks.IsOpenAI && !ReasoningModel.Is(target.Model))
        {
            // A model that does not reason refuses the member; that it does not reason is no loss of what was asked.
            return;
        }

        if (effort == "none" && options.Effort is null && quirks.IsOpenAI && !KnowsNone(target.Model))
        {
            effort = target.Model.Contains("gpt-5", StringComparison.Ordinal) ? "minimal" : "low";
        }

        writer.Text("reasoning_effort", effort == "minimal" && options.Effort is null && !target.Model.Contains("gpt-5", StringComparison.Ordinal) ? "low" : effort);
    }

    private static bool KnowsNone(string model) => model.Contains("gpt-5.", StringComparison.Ordinal) || model.Contains("gpt-6", StringComparison.Ordinal);

    private static void WriteObject(RequestBody writer, ReasoningOptions options)
    {
        if (!writer.Begin("reasoning"))
        {
            return;
        }

        var json = writer.Json;
        json.WriteStartObject();
        if (options.BudgetTokens is > 0)
        {
            json.WriteNumber("max_tokens"u8, options.BudgetTokens.Value);
        }
        else
        {
            json.WriteOptional("effort", options.Effort);
        }

        if (options.Effort is null && options.BudgetTokens is not > 0)
        {
            json.WriteOptional("enabled", Wanted(options));
        }

        if (options.IncludeText == false)
        {
            json.WriteBoolean("exclude"u8, true);
        }

        json.WriteEndObject();
    }

    private static bool? Wanted(ReasoningOptions options) =>
        options.Enabled ?? (options.Effort is not null ? options.Effort != "none" : options.BudgetTokens is { } budget ? budget != 0 : null);
}
