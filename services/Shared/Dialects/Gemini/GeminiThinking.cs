using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary><c>thinkingConfig</c>: a budget of tokens up to Gemini 2.5, a level from Gemini 3 on.</summary>
internal static class GeminiThinking
{
    /// <summary>Reads <paramref name="config"/>.</summary>
    public static ReasoningOptions Read(JsonElement config)
    {
        var budget = config.CamelMember("thinkingBudget")?.Int();
        var level = config.CamelMember("thinkingLevel")?.Text()?.ToLowerInvariant();
        level = level is "thinking_level_unspecified" or "" ? null : level;
        return new ReasoningOptions
        {
            Enabled = budget is { } tokens ? tokens != 0 : level is not null ? true : null,
            BudgetTokens = budget,
            Effort = level,
            IncludeText = config.CamelMember("includeThoughts")?.Flag(),
        };
    }

    /// <summary>Writes the member <c>thinkingConfig</c>, if there is anything to say.</summary>
    /// <param name="writer">Receives it.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="origin">The caller's dialect.</param>
    /// <param name="model">The provider's model name.</param>
    public static void Write(Utf8JsonWriter writer, ReasoningOptions options, DialectId origin, string model)
    {
        var off = options.Enabled == false || options.Effort == "none" || options.BudgetTokens == 0;
        var levels = model.Contains("gemini-3", StringComparison.OrdinalIgnoreCase);
        int? budget = null;
        string? level = null;
        if (off)
        {
            // Models before 2.5 do not think and refuse to be told so; the newest cannot be stopped altogether.
            if (model.Contains("gemini-1", StringComparison.OrdinalIgnoreCase) || model.Contains("gemini-2.0", StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            level = levels ? Lowest(model) : null;
            budget = levels ? null : model.Contains("2.5-pro", StringComparison.OrdinalIgnoreCase) ? 128 : 0;
        }
        else if (options.BudgetTokens is { } tokens)
        {
            budget = tokens;
        }
        else if (options.Effort is { } effort)
        {
            level = levels ? Level(effort, model) : null;
            budget = levels ? null : Budget(effort);
        }
        else if (options.Enabled == true && !levels)
        {
            budget = -1;
        }

        var include = !off && (options.IncludeText ?? Shows(options, origin)) ? true : options.IncludeText;
        if (budget is null && level is null && include is null)
        {
            return;
        }

        writer.WriteStartObject("thinkingConfig");
        writer.WriteOptional("thinkingBudget", budget);
        writer.WriteOptional("thinkingLevel", level);
        writer.WriteOptional("includeThoughts", off && include == true ? null : include);
        writer.WriteEndObject();
    }

    // Anthropic, Bedrock and Cohere show reasoning whenever it is on, OpenAI's chat callers get it beside the text; responses only on request.
    private static bool Shows(ReasoningOptions options, DialectId origin) => origin switch
    {
        DialectId.OpenAIResponses => options.Summary is not null,
        DialectId.Gemini => false,
        _ => options.Enabled == true || options.Effort is not null || options.BudgetTokens is not null,
    };

    private static string Lowest(string model) => model.Contains("flash", StringComparison.OrdinalIgnoreCase) ? "MINIMAL" : "LOW";

    private static string Level(string effort, string model) => effort switch
    {
        "minimal" => Lowest(model),
        "low" => "LOW",
        "medium" => model.Contains("gemini-3-pro", StringComparison.OrdinalIgnoreCase) ? "HIGH" : "MEDIUM",
        _ => "HIGH",
    };

    private static int Budget(string effort) => effort switch
    {
        "minimal" or "low" => 1024,
        "medium" => 8192,
        _ => 24576,
    };
}
