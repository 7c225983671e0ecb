using Gateway.Contracts.Guardrails;

namespace Gateway.Guardrails.Checks;

/// <summary>What JSON alone cannot say about a check request.</summary>
internal static class CheckValidator
{
    /// <summary>What is wrong, with its place; null when nothing is.</summary>
    public static string? Validate(GuardCheckRequest request)
    {
        if (!Enum.IsDefined(request.Direction))
        {
            return "$.direction must be \"input\" or \"output\".";
        }

        if (request.Texts.Count is 0 or > GuardCheckRequest.MaxTexts)
        {
            return $"$.texts holds {request.Texts.Count} texts; 1 to {GuardCheckRequest.MaxTexts} are allowed.";
        }

        var terms = request.Policy.BlockedTerms;
        if (terms.Count > GuardCheckPolicy.MaxBlockedTerms)
        {
            return $"$.policy.blockedTerms holds {terms.Count} terms; at most {GuardCheckPolicy.MaxBlockedTerms} are allowed.";
        }

        return NullIn(request.Texts, "$.texts") ?? NullIn(terms, "$.policy.blockedTerms") ?? TermLength(terms);
    }

    // The serializer's null checks stop at the list; what is in it may still be null.
    private static string? NullIn(IReadOnlyList<string?> texts, string path)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i] is null)
            {
                return $"{path}[{i}] is null; it must be a string.";
            }
        }

        return null;
    }

    private static string? TermLength(IReadOnlyList<string> terms)
    {
        for (var i = 0; i < terms.Count; i++)
        {
            if (terms[i].Length is 0 or > GuardCheckPolicy.MaxTermLength)
            {
                return $"$.policy.blockedTerms[{i}] has {terms[i].Length} characters; 1 to {GuardCheckPolicy.MaxTermLength} are allowed.";
            }
        }

        return null;
    }
}
