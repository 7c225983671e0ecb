using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Schema;
using Gateway.Edge.Guarding.Policies;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Configuration.Building;

/// <summary>A policy of the file, with what it names and where.</summary>
internal sealed record FileGuardrail(GuardrailPolicyEntry Entry, FileSelector? AppliesTo, IReadOnlyList<TextValue> Routes, IReadOnlyList<TextValue> Credentials);

/// <summary>What a policy of the file selects by ids, and where.</summary>
internal sealed record FileSelector(IReadOnlyList<TextValue> Keys, IReadOnlyList<TextValue> Teams, IReadOnlyList<TextValue> Customers);

/// <summary>Reads <c>guardrails</c>. What the rules must be, the compiler of policies says.</summary>
internal static class GuardrailSection
{
    public static List<FileGuardrail> Read(SectionReader root, BuildContext context)
    {
        var policies = new List<FileGuardrail>();
        foreach (var (id, section) in root.Map("guardrails"))
        {
            Names.CheckId(context, id);
            var before = context.Errors;
            var (routes, credentials) = (new List<TextValue>(), new List<TextValue>());
            var appliesTo = section.Section("appliesTo");
            var selector = section.Has("appliesTo") ? new FileSelector(appliesTo.Texts("keys"), appliesTo.Texts("teams"), appliesTo.Texts("customers")) : null;
            var items = section.Items("rules").ToList();
            var entry = new GuardrailPolicyEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                Enabled = section.Flag("enabled"),
                Order = section.Int("order"),
                Mode = (GuardrailMode)(section.Choice("mode") + 1),
                Fail = section.Has("fail") ? section.Choice("fail") == 1 ? FailPolicy.Open : FailPolicy.Closed : null,
                TimeoutMilliseconds = section.Int("timeoutMilliseconds"),
                Sample = (double)(section.Amount("sample") ?? 1),
                Inline = section.Flag("inline"),
                AppliesTo = selector is null ? null : Selector(appliesTo, selector),
                Rules = [.. items.Select(r => Rule(r, context, routes, credentials))],
            };
            if (context.Errors == before)
            {
                Check(context, entry, section, items);
            }

            policies.Add(new FileGuardrail(entry, selector, routes, credentials));
        }

        return policies;
    }

    /// <summary>Reads the policies that a key, team or route names.</summary>
    public static IReadOnlyList<string> ReadNames(SectionReader section, BuildContext context, IReadOnlyList<FileGuardrail> policies)
    {
        var names = section.Texts("guardrailPolicies");
        foreach (var name in names)
        {
            References.Check(context, name, "guardrail policy", "guardrails", policies.Select(static p => p.Entry.Id));
        }

        return [.. names.Select(static t => t.Text).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Checks that what policies name is there.</summary>
    public static void CheckReferences(BuildContext context, IReadOnlyList<FileGuardrail> policies, GatewaySnapshot snapshot)
    {
        foreach (var policy in policies)
        {
            foreach (var route in policy.Routes)
            {
                References.CheckRoute(context, route, snapshot.Routes);
            }

            foreach (var credential in policy.Credentials)
            {
                References.Check(context, credential, "provider with a credential", "providers", snapshot.Credentials.Select(static c => c.Id));
            }

            CheckAll(policy.AppliesTo?.Keys, "key", "keys", snapshot.Keys.Select(static k => k.Id));
            CheckAll(policy.AppliesTo?.Teams, "team", "teams", snapshot.Teams.Select(static t => t.Id));
            CheckAll(policy.AppliesTo?.Customers, "customer", "customers", snapshot.Customers.Select(static c => c.Id));
        }

        void CheckAll(IReadOnlyList<TextValue>? names, string kind, string section, IEnumerable<string> ids)
        {
            foreach (var name in names ?? [])
            {
                References.Check(context, name, kind, section, ids);
            }
        }
    }

    private static void Check(BuildContext context, GuardrailPolicyEntry entry, SectionReader section, List<SectionReader> rules)
    {
        if (rules.Count is 0 or > 100)
        {
            context.Error(section.Join("rules"), section.PlaceOf("rules"), "A policy has 1 to 100 rules.");
            return;
        }

        foreach (var (path, message) in PolicyCompiler.Compile(entry).Problems)
        {
            var (rule, member) = PolicyPaths.Split(path);
            var place = rule is { } index && index < rules.Count ? rules[index].PlaceOf(member) : section.PlaceOf(member);
            context.Error(section.Join(path.Replace("credentialId", "credential", StringComparison.Ordinal)), place, message);
        }
    }

    private static GuardrailSelector Selector(SectionReader section, FileSelector named) => new()
    {
        Keys = [.. named.Keys.Select(static k => k.Text)],
        Teams = [.. named.Teams.Select(static t => t.Text)],
        Customers = [.. named.Customers.Select(static c => c.Text)],
        Routes = Texts(section, "routes"),
        Models = Texts(section, "models"),
        Tags = Texts(section, "tags"),
    };

    private static GuardrailRuleEntry Rule(SectionReader rule, BuildContext context, List<TextValue> routes, List<TextValue> credentials)
    {
        var (route, judge) = (rule.Text("route"), rule.Text("judgeRoute"));
        routes.AddRange(new[] { route, judge }.OfType<TextValue>());
        return new GuardrailRuleEntry
        {
            Detector = rule.Text("detector")?.Text ?? "",
            Action = (GuardrailAction)(rule.Choice("action") + 1),
            Scopes = ReadScopes(rule, context),
            Kinds = Texts(rule, "kinds"),
            MinScore = (double?)rule.Amount("minScore"),
            Message = rule.Text("message")?.Text,
            Route = route?.Text,
            Terms = Texts(rule, "terms"),
            Patterns = Texts(rule, "patterns"),
            Context = Texts(rule, "context"),
            Allow = Texts(rule, "allow"),
            Max = (int?)rule.Integer("max"),
            Schema = rule.Text("schema")?.Text,
            Realistic = rule.Flag("realistic"),
            Endpoint = rule.Has("endpoint") ? ReadEndpoint(rule.Section("endpoint"), credentials) : null,
            JudgeRoute = judge?.Text,
            JudgePrompt = rule.Text("judgePrompt")?.Text,
        };
    }

    private static GuardrailEndpoint ReadEndpoint(SectionReader endpoint, List<TextValue> credentials)
    {
        var credential = endpoint.Text("credential");
        if (credential is not null)
        {
            credentials.Add(credential);
        }

        return new GuardrailEndpoint { Url = endpoint.Text("url")?.Text ?? "", CredentialId = credential?.Text, Policy = endpoint.Text("policy")?.Text };
    }

    private static List<GuardrailScope> ReadScopes(SectionReader rule, BuildContext context)
    {
        var scopes = new List<GuardrailScope>();
        foreach (var name in rule.Texts("scopes"))
        {
            var index = Array.IndexOf(GuardrailRows.Scopes, name.Text);
            if (index < 0)
            {
                var guess = Nearest.To(name.Text, GuardrailRows.Scopes);
                context.Error(name, $"'{name.Text}' is no scope.{(guess is null ? "" : $" Did you mean '{guess}'?")} Legal: {string.Join(", ", GuardrailRows.Scopes)}.");
            }
            else if (!scopes.Contains((GuardrailScope)(index + 1)))
            {
                scopes.Add((GuardrailScope)(index + 1));
            }
        }

        return scopes;
    }

    private static List<string> Texts(SectionReader section, string key) => [.. section.Texts(key).Select(static t => t.Text)];
}
