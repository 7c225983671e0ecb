using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Mcp.Matching;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>mcpBundles</c> and <c>mcpPolicies</c>.</summary>
internal static class McpPolicySection
{
    private const int MostBundled = 500;
    private const int MostPatterns = 200;
    private const int MostConditions = 20;
    private const int MostValues = 100;
    private const int MostLimits = 50;

    public static List<McpBundleEntry> ReadBundles(SectionReader root, BuildContext context, IReadOnlyList<FileMcpServer> servers)
    {
        var bundles = new List<McpBundleEntry>();
        foreach (var (id, section) in root.Map("mcpBundles"))
        {
            McpChecks.Id(context, id);
            if (servers.Any(s => s.Entry.Id == id.Text))
            {
                context.Error(id, $"This is the id of a server: '/mcp/{id.Text}' can be only one of the two.");
            }

            bundles.Add(new McpBundleEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                Description = McpChecks.Description(context, section),
                Enabled = section.Flag("enabled"),
                Tools = Tools(section, context, MostBundled),
            });
        }

        return bundles;
    }

    public static List<McpPolicyEntry> ReadPolicies(SectionReader root, BuildContext context, GatewaySnapshot snapshot, IReadOnlyList<FileGuardrail> guardrails)
    {
        var policies = new List<McpPolicyEntry>();
        foreach (var (id, section) in root.Map("mcpPolicies"))
        {
            Names.CheckId(context, id);
            var policy = new McpPolicyEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                Enabled = section.Flag("enabled"),
                Order = section.Int("order"),
                AppliesTo = section.Has("appliesTo") ? Selector(section.Section("appliesTo"), context, snapshot) : null,
                Allow = [.. section.Items("allow").Select(c => Calls(c, context, allows: true))],
                Deny = [.. section.Items("deny").Select(c => Calls(c, context, allows: false))],
                Approve = [.. section.Items("approve").Select(a => Rule(a, context))],
                Limits = [.. section.Items("limits").Select(l => Limit(l, context))],
                DataFlow = section.Has("dataFlow") ? (McpFlow)(section.Choice("dataFlow") + 1) : null,
                GuardrailPolicies = GuardrailSection.ReadNames(section, context, guardrails),
            };
            McpChecks.Most(context, section, "allow", policy.Allow.Count, MostPatterns);
            McpChecks.Most(context, section, "deny", policy.Deny.Count, MostPatterns);
            McpChecks.Most(context, section, "approve", policy.Approve.Count, MostPatterns);
            McpChecks.Most(context, section, "limits", policy.Limits.Count, MostLimits);
            policies.Add(policy);
        }

        return policies;
    }

    private static McpSelector Selector(SectionReader section, BuildContext context, GatewaySnapshot snapshot)
    {
        return new McpSelector
        {
            Customers = Ids("customers", "customer", snapshot.Customers.Select(static c => c.Id)),
            Teams = Ids("teams", "team", snapshot.Teams.Select(static t => t.Id)),
            Keys = Ids("keys", "key", snapshot.Keys.Select(static k => k.Id)),
            Tags = [.. section.Texts("tags").Select(static t => t.Text)],
        };

        List<string> Ids(string key, string what, IEnumerable<string> known)
        {
            var names = section.Texts(key);
            foreach (var name in names)
            {
                References.Check(context, name, what, key, known);
            }

            return [.. names.Select(static n => n.Text)];
        }
    }

    private static McpCallPattern Calls(SectionReader section, BuildContext context, bool allows)
    {
        var conditions = section.Items("arguments").Select(a => Condition(a, context, allows)).ToList();
        McpChecks.Most(context, section, "arguments", conditions.Count, MostConditions);
        return new McpCallPattern { Tools = Tools(section, context, MostPatterns), Arguments = conditions };
    }

    private static McpArgumentCondition Condition(SectionReader section, BuildContext context, bool allows)
    {
        var (path, values) = (section.Text("path"), section.Texts("values"));
        if (path is not null && ArgumentPath.Problem(path.Text) is { } problem)
        {
            context.Error(path, $"This {problem}.");
        }

        McpChecks.Some(context, section, "values", values.Count, MostValues);
        foreach (var value in values.Where(v => allows && ValueSet.Climbs(v.Text)))
        {
            context.Error(value, "No value can fit this: one with a segment '..' is never allowed.");
        }

        return new McpArgumentCondition { Path = path?.Text ?? "", Values = [.. values.Select(static v => v.Text)] };
    }

    private static McpApprovalRule Rule(SectionReader section, BuildContext context) => new()
    {
        Calls = Calls(section.Section("calls"), context, allows: false),
        By = McpChecks.Approval(context, section, "by", section.Choice("by") + 2),
    };

    private static McpRateLimit Limit(SectionReader section, BuildContext context) => new()
    {
        Tools = Tools(section, context, MostPatterns),
        PerMinute = section.Int("perMinute"),
        PerKey = section.Flag("perKey"),
    };

    private static List<string> Tools(SectionReader section, BuildContext context, int most)
    {
        var tools = section.Texts("tools");
        McpChecks.Some(context, section, "tools", tools.Count, most);
        foreach (var tool in tools.Where(static t => !McpToolPattern.IsGood(t.Text)))
        {
            context.Error(tool, $"This is not a tool: it {McpToolPattern.Form}.");
        }

        return [.. tools.Select(static t => t.Text)];
    }
}
