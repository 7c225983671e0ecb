using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>The word for how much the model is to reason.</summary>
internal static class ReasoningEffort
{
    private const int LowBudget = 4_096;
    private const int MediumBudget = 16_384;

    /// <summary>False for OpenAI's older models, which do not reason and refuse to be asked. Names of Azure deployments tell nothing, so they are asked.</summary>
    public static bool IsTakenBy(string model) =>
        !model.StartsWith("gpt-3", StringComparison.Ordinal) && !model.StartsWith("gpt-4", StringComparison.Ordinal) && !model.Contains("chat", StringComparison.Ordinal);

    /// <summary>The word; null for the model's default. Switching reasoning off without naming an effort has no word that all models take.</summary>
    public static string? Of(ReasoningOptions? options) => options switch
    {
        null => null,
        { Effort: { Length: > 0 } effort } => effort,
        { Enabled: false } => null,
        { BudgetTokens: > MediumBudget } => "high",
        { BudgetTokens: > LowBudget } => "medium",
        { BudgetTokens: > 0 } => "low",
        _ => null,
    };
}
