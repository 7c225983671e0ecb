using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>Ranges of what a policy itself says.</summary>
internal static class PolicyRanges
{
    private const int MostRules = 100;

    public static void Check(GuardrailPolicyEntry entry, List<PolicyProblem> problems)
    {
        if (string.IsNullOrWhiteSpace(entry.Id))
        {
            problems.Add(new("id", "A policy needs an id."));
        }

        if (entry.Order is < 0 or > 10_000)
        {
            problems.Add(new("order", $"{entry.Order} is not 0 to 10000."));
        }

        if (!Enum.IsDefined(entry.Mode))
        {
            problems.Add(new("mode", "It is enforce or shadow."));
        }

        if (entry.Fail is { } fail && !Enum.IsDefined(fail))
        {
            problems.Add(new("fail", "It is open or closed."));
        }

        if (entry.TimeoutMilliseconds is < 1 or > 60_000)
        {
            problems.Add(new("timeoutMilliseconds", $"{entry.TimeoutMilliseconds} is not 1 to 60000."));
        }

        if (!(entry.Sample is > 0 and <= 1))
        {
            problems.Add(new("sample", "It is above 0 and at most 1."));
        }

        if (entry.Rules.Count is 0 or > MostRules)
        {
            problems.Add(new("rules", $"There are {entry.Rules.Count} rules; 1 to {MostRules} are allowed."));
        }
    }
}
