namespace Gateway.Dialects.OpenAI;

/// <summary>Service tiers in OpenAI's words.</summary>
internal static class OpenAITiers
{
    /// <summary>The tier for an answer, or null when it is none of OpenAI's.</summary>
    public static string? ForAnswer(string? tier) => tier switch
    {
        "auto" or "default" or "flex" or "scale" or "priority" => tier,
        "standard" or "on_demand" => "default",
        _ => null,
    };

    /// <summary>The tier for a request, or null when OpenAI has no word for it.</summary>
    public static string? ForRequest(string tier) => tier switch
    {
        "auto" or "default" or "flex" or "scale" or "priority" => tier,
        "standard_only" or "standard" => "default",
        _ => null,
    };
}
