using Gateway.Contracts.Guardrails;

namespace Gateway.Guardrails.Checks;

/// <summary>What JSON alone cannot say about a check request.</summary>
internal static class CheckValidator
{
    private const int MaxPolicies = 1000;

    /// <summary>What is wrong, with its place; null when nothing is.</summary>
    public static string? Validate(GuardCheckRequest request)
    {
        if (!Enum.IsDefined(request.Direction))
        {
            return "$.direction must be \"input\" or \"output\".";
        }

        var count = request.Texts.Count + request.Items.Count;
        if (count is 0 or > GuardCheckRequest.MaxTexts)
        {
            return $"$.texts and $.items hold {count} texts; 1 to {GuardCheckRequest.MaxTexts} are allowed.";
        }

        if (request is { Policy: null, Policies.Count: 0 })
        {
            return "$.policy or $.policies is required: what to look for.";
        }

        if (request.Policies.Count > MaxPolicies)
        {
            return $"$.policies holds {request.Policies.Count} policies; at most {MaxPolicies} are allowed.";
        }

        var terms = request.Policy?.BlockedTerms ?? [];
        if (terms.Count > GuardCheckPolicy.MaxBlockedTerms)
        {
            return $"$.policy.blockedTerms holds {terms.Count} terms; at most {GuardCheckPolicy.MaxBlockedTerms} are allowed.";
        }

        return NullIn(request.Texts, "$.texts") ?? NullIn(terms, "$.policy.blockedTerms") ?? NullIn(request.Policies, "$.policies") ?? NullIn(request.SystemPrompts, "$.systemPrompts")
            ?? WrongItem(request.Items) ?? TermLength(terms);
    }

    /// <summary>The same of texts without a policy.</summary>
    public static string? Validate(GuardTextsRequest request, bool needsTenant) =>
        request.Texts.Count is 0 or > GuardCheckRequest.MaxTexts ? $"$.texts holds {request.Texts.Count} texts; 1 to {GuardCheckRequest.MaxTexts} are allowed."
        : needsTenant && request.Tenant.Length is 0 or > 500 ? "$.tenant must be a text of 1 to 500 characters: whose texts they are."
        : request.Conversation is { Length: 0 or > 500 } ? "$.conversation must be a text of 1 to 500 characters, or be left out."
        : NullIn(request.Texts, "$.texts") ?? NullIn(request.Kinds, "$.kinds");

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

    private static string? WrongItem(IReadOnlyList<GuardCheckText?> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not { Text: not null } item)
            {
                return $"$.items[{i}] must be an object with a text.";
            }

            if (!Enum.IsDefined(item.Place))
            {
                return $"$.items[{i}].place is unknown.";
            }

            if (item.Source is not null && !TextMapping.IsSource(item.Source))
            {
                return $"$.items[{i}].source must be one of system, user, assistant, tool, document.";
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
