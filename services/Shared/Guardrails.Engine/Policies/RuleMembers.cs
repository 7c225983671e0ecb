using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>What a rule may and must have, by its detector and its action.</summary>
internal static class RuleMembers
{
    private const int MostTerms = 10_000;
    private const int LongestTerm = 1000;
    private const int MostPatterns = 1000;
    private const int LongestPattern = 4000;
    private const int LongestMessage = 1000;
    private const int LongestSchema = 1_000_000;
    private const int LongestJudgePrompt = 100_000;

    public static void Check(GuardrailRuleEntry rule, DetectorDescriptor detector, string path, List<PolicyProblem> problems)
    {
        var given = Given(rule);
        foreach (var member in Enum.GetValues<DetectorMembers>())
        {
            if (member == DetectorMembers.None)
            {
                continue;
            }

            if (given.HasFlag(member) && !detector.Members.HasFlag(member))
            {
                Add(Name(member), $"{detector.Name} has no {Name(member)}; leave it out.");
            }
            else if (!given.HasFlag(member) && detector.Required.HasFlag(member))
            {
                Add(Name(member), $"{detector.Name} needs {Name(member)}.");
            }
        }

        if (detector.RequiredAny != 0 && (given & detector.RequiredAny) == 0)
        {
            Add("detector", $"{detector.Name} needs {string.Join(" or ", Enum.GetValues<DetectorMembers>().Where(m => m != 0 && detector.RequiredAny.HasFlag(m)).Select(Name))}.");
        }

        CheckAction(rule, detector, Add);
        CheckLists(rule, Add);
        CheckRanges(rule, Add);

        void Add(string member, string message) => problems.Add(new PolicyProblem($"{path}.{member}", message));
    }

    private static void CheckAction(GuardrailRuleEntry rule, DetectorDescriptor detector, Action<string, string> add)
    {
        if (!Enum.IsDefined(rule.Action))
        {
            add("action", $"It is one of {string.Join(", ", Enum.GetNames<GuardrailAction>()).ToLowerInvariant()}.");
            return;
        }

        var changes = rule.Action is GuardrailAction.Redact or GuardrailAction.Mask or GuardrailAction.Hash or GuardrailAction.Pseudonymize;
        if (changes && !detector.FindsSpans)
        {
            add("action", $"{detector.Name} judges the text as a whole, so there is nothing to {rule.Action.ToString().ToLowerInvariant()}; use flag, block, route or approve.");
        }

        if (rule.Action == GuardrailAction.Route != !string.IsNullOrEmpty(rule.Route))
        {
            add("route", rule.Action == GuardrailAction.Route ? "The action route needs the route to go to." : "Only the action route has one.");
        }

        if (rule.Action == GuardrailAction.Route && rule.Scopes.Count > 0 && rule.Scopes.All(static s => s is GuardrailScope.Output or GuardrailScope.ToolCall))
        {
            add("action", "An answer can no longer go to another route; look at input.");
        }

        if (rule.Realistic && rule.Action != GuardrailAction.Pseudonymize)
        {
            add("realistic", "Only the action pseudonymize has it.");
        }

        for (var i = 0; i < rule.Scopes.Count; i++)
        {
            if (!Enum.IsDefined(rule.Scopes[i]))
            {
                add($"scopes[{i}]", "It is input, output, toolCall, toolResult, mcp or embedding.");
            }
        }
    }

    private static void CheckLists(GuardrailRuleEntry rule, Action<string, string> add)
    {
        List("terms", rule.Terms, MostTerms, LongestTerm);
        List("patterns", rule.Patterns, MostPatterns, LongestPattern);
        List("context", rule.Context, MostPatterns, LongestTerm);
        List("allow", rule.Allow, MostTerms, LongestTerm);

        void List(string name, IReadOnlyList<string> values, int most, int longest)
        {
            if (values.Count > most)
            {
                add(name, $"There are {values.Count}; at most {most} are allowed.");
            }

            for (var i = 0; i < values.Count; i++)
            {
                if (string.IsNullOrWhiteSpace(values[i]) || values[i].Length > longest)
                {
                    add($"{name}[{i}]", $"It has {values[i]?.Length ?? 0} characters; 1 to {longest} are allowed, not all of them spaces.");
                }
            }
        }
    }

    private static void CheckRanges(GuardrailRuleEntry rule, Action<string, string> add)
    {
        if (rule.MinScore is { } score && !(score is >= 0 and <= 1))
        {
            add("minScore", "It is 0 to 1.");
        }

        if (rule.Message?.Length > LongestMessage)
        {
            add("message", $"It has {rule.Message.Length} characters; at most {LongestMessage} are allowed.");
        }

        if (rule.Max is <= 0)
        {
            add("max", "It is at least 1.");
        }

        if (rule.Schema?.Length > LongestSchema)
        {
            add("schema", $"It has {rule.Schema.Length} characters; at most {LongestSchema} are allowed.");
        }

        if (rule.JudgePrompt?.Length > LongestJudgePrompt)
        {
            add("judgePrompt", $"It has {rule.JudgePrompt.Length} characters; at most {LongestJudgePrompt} are allowed.");
        }

        if (rule.Endpoint is { } endpoint && !(Uri.TryCreate(endpoint.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            add("endpoint.url", "It is an absolute http or https address.");
        }
    }

    private static DetectorMembers Given(GuardrailRuleEntry rule) =>
        (rule.Terms.Count > 0 ? DetectorMembers.Terms : 0)
        | (rule.Patterns.Count > 0 ? DetectorMembers.Patterns : 0)
        | (rule.Context.Count > 0 ? DetectorMembers.Context : 0)
        | (rule.Allow.Count > 0 ? DetectorMembers.Allow : 0)
        | (rule.Max is not null ? DetectorMembers.Max : 0)
        | (rule.Schema is not null ? DetectorMembers.Schema : 0)
        | (rule.Endpoint is not null ? DetectorMembers.Endpoint : 0)
        | (!string.IsNullOrEmpty(rule.JudgeRoute) ? DetectorMembers.JudgeRoute : 0)
        | (!string.IsNullOrEmpty(rule.JudgePrompt) ? DetectorMembers.JudgePrompt : 0)
        | (rule.MinScore is not null ? DetectorMembers.MinScore : 0);

    private static string Name(DetectorMembers member) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(member.ToString());
}
