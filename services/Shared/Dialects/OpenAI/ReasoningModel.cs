using Gateway.Dialects.Chat;

namespace Gateway.Dialects.OpenAI;

/// <summary>Which of OpenAI's models reason: those refuse the parameters of sampling.</summary>
internal static class ReasoningModel
{
    /// <summary>True for the o series and for GPT-5 and later, except their chat variants.</summary>
    public static bool Is(string model)
    {
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        if (name.Length >= 2 && name[0] == 'o' && char.IsAsciiDigit(name[1]))
        {
            return true;
        }

        return name.StartsWith("gpt-", StringComparison.Ordinal) && name.Length > 4 && name[4] is >= '5' and <= '9' && name.IndexOf("chat") < 0;
    }

    /// <summary>True when the model refuses temperature and its like: when it reasons. From GPT-5.1 on it does not where the effort is <c>none</c>.</summary>
    public static bool RefusesSampling(string model, ReasoningOptions? reasoning) => Is(model) && reasoning?.Effort != "none";
}
