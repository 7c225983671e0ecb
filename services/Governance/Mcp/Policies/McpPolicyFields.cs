using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Guardrails;
using Gateway.Mcp.Matching;

namespace Gateway.Governance.Mcp.Policies;

/// <summary>Reads a policy of the MCP hub.</summary>
internal static class McpPolicyFields
{
    private const int MostNames = 1000;
    private const int MostPatterns = 200;
    private const int MostConditions = 20;
    private const int MostValues = 100;
    private const int ValueLength = 500;
    private const int MostLimits = 50;

    public static McpPolicyEntry Read(ObjectReader reader, string id) => new()
    {
        Id = id,
        Name = reader.Text("name", required: false, Formats.NameLength) ?? "",
        Enabled = reader.Boolean("enabled", true),
        Order = reader.Integer("order", 0, 10_000, 100),
        AppliesTo = Selector(reader.Nested("appliesTo")),
        Allow = [.. reader.NestedMany("allow", 0, MostPatterns).Select(static r => Calls(r, allows: true))],
        Deny = [.. reader.NestedMany("deny", 0, MostPatterns).Select(static r => Calls(r, allows: false))],
        Approve = [.. reader.NestedMany("approve", 0, MostPatterns).Select(Approval)],
        Limits = [.. reader.NestedMany("limits", 0, MostLimits).Select(Limit)],
        DataFlow = reader.Choice<McpFlow>("dataFlow"),
        GuardrailPolicies = GuardrailReferences.Read(reader),
    };

    private static McpSelector? Selector(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var selector = new McpSelector
        {
            Customers = reader.Texts("customers", MostNames, Formats.IdLength, Formats.Id),
            Teams = reader.Texts("teams", MostNames, Formats.IdLength, Formats.Id),
            Keys = reader.Texts("keys", MostNames, Formats.IdLength, Formats.Id),
            Tags = reader.Texts("tags", MostNames, Accounts.Tags.Length, Formats.Tag),
        };
        reader.Close();
        return selector;
    }

    private static McpCallPattern Calls(ObjectReader reader, bool allows)
    {
        var calls = new McpCallPattern
        {
            Tools = Tools(reader),
            Arguments = [.. reader.NestedMany("arguments", 0, MostConditions).Select(r => Condition(r, allows))],
        };
        reader.Close();
        return calls;
    }

    private static IReadOnlyList<string> Tools(ObjectReader reader)
    {
        var wrong = reader.Errors.All.Count;
        var tools = reader.Texts("tools", MostPatterns, Formats.NameLength, Formats.McpTool);
        if (tools.Count == 0 && reader.Errors.All.Count == wrong)
        {
            reader.Error("tools", $"is required: a list of 1 to {MostPatterns} entries.");
        }

        return tools;
    }

    private static McpArgumentCondition Condition(ObjectReader reader, bool allows)
    {
        var wrong = reader.Errors.All.Count;
        var condition = new McpArgumentCondition
        {
            Path = reader.Text("path", required: true, Formats.NameLength, static p => ArgumentPath.Problem(p) is { } problem ? problem + "." : null) ?? "",
            Values = reader.Documents("values", MostValues, ValueLength),
        };
        if (condition.Values.Count == 0 && reader.Errors.All.Count == wrong)
        {
            reader.Error("values", $"is required: a list of 1 to {MostValues} entries.");
        }

        if (allows && condition.Values.FirstOrDefault(static v => ValueSet.Climbs(v)) is { } climbing)
        {
            reader.Error("values", $"has '{climbing}', which no value can fit: one with a segment '..' is never allowed.");
        }

        reader.Close();
        return condition;
    }

    private static McpApprovalRule Approval(ObjectReader reader)
    {
        var rule = new McpApprovalRule
        {
            Calls = reader.Nested("calls") is { } calls ? Calls(calls, allows: false) : Missing(reader),
            By = reader.Choice("by", McpApproval.Admin),
        };
        if (rule.By == McpApproval.None)
        {
            reader.Error("by", "must be Admin or Caller.");
        }

        reader.Close();
        return rule;
    }

    private static McpCallPattern Missing(ObjectReader reader)
    {
        if (!reader.Has("calls"))
        {
            reader.Error("calls", "is required: which calls wait.");
        }

        return new McpCallPattern();
    }

    private static McpRateLimit Limit(ObjectReader reader)
    {
        var limit = new McpRateLimit
        {
            Tools = Tools(reader),
            PerMinute = (int)(reader.Integer("perMinute", 1, 1_000_000, required: true) ?? 1),
            PerKey = reader.Boolean("perKey", true),
        };
        reader.Close();
        return limit;
    }
}
