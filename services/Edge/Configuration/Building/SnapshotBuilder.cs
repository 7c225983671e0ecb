using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Yaml;
using Gateway.Routing;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Turns the file's nodes into a snapshot: 1 read the sections, 2 add what is known by itself, 3 check what names what.</summary>
internal static class SnapshotBuilder
{
    public static GatewayFileResult Build(ConfigNode? root, GatewayFileOptions options, List<ConfigurationProblem> errors)
    {
        var context = new BuildContext(options, errors);
        var file = new SectionReader(context, root ?? new MappingNode(1, 1, []), "", "", new MappingNode(1, 1, []));

        // 1. Read the sections.
        file.Integer("version");
        var autoProviders = file.Flag("autoProviders");
        var server = file.Section("server");
        var (port, dataDirectory) = (server.Int("port"), server.Text("dataDirectory")?.Text);
        var requestLog = RequestLogSection.ReadFile(file);
        var providers = ProviderSection.Read(file, context);
        var deployments = DeploymentSection.Read(file, context);
        var sharedScopes = CacheSection.SharedScopes(root);
        var guardrails = GuardrailSection.Read(file, context);
        var routes = RouteSection.Read(file, context, guardrails, sharedScopes);
        var budgets = BudgetSection.Read(file, context);
        var accounts = FileAccounts.Read(file, context, budgets, guardrails);
        var overrides = PriceSection.ReadOverrides(file, context);
        var snapshot = new GatewaySnapshot
        {
            Version = options.Version,
            Providers = [.. providers.Select(static p => p.Entry)],
            Credentials = [.. providers.Select(static p => p.Credential).OfType<CredentialEntry>()],
            Deployments = [.. deployments.Select(static d => d.Entry)],
            Routes = [.. routes.Select(static r => r.Entry)],
            Customers = accounts.Customers,
            Teams = accounts.Teams,
            Users = accounts.Users,
            Budgets = budgets,
            PriceOverrides = [.. overrides.Select(static o => o.Entry)],
            Limits = LimitSection.Read(file, context),
            Guardrails = [.. guardrails.Select(static g => g.Entry)],
            Settings = SettingsSection.Read(file, context),
        };

        // 2. Add what is known by itself.
        snapshot = Additions.Add(snapshot, providers, context, demo: file.Flag("demo"), autoProviders);
        snapshot = snapshot with
        {
            Keys = KeySection.Read(file, context, accounts, budgets, [.. snapshot.Providers.Select(static p => p.Id)], snapshot.Routes, guardrails, sharedScopes),
            Deployments = WithCredentials(snapshot),
        };

        var mcpServers = McpServerSection.Read(file, context);
        snapshot = snapshot with
        {
            McpServers = [.. mcpServers.Select(static s => s.Entry)],
            McpCredentials = [.. mcpServers.Select(static s => s.Credential).OfType<CredentialEntry>()],
            McpTools = [.. mcpServers.SelectMany(static s => s.Tools)],
            McpBundles = McpPolicySection.ReadBundles(file, context, mcpServers),
            McpPolicies = McpPolicySection.ReadPolicies(file, context, snapshot, guardrails),
        };
        snapshot.JwtIssuers = JwtIssuerSection.Read(file, context, snapshot.Keys, snapshot.Teams);

        // 3. Check what names what.
        CheckDeployments(context, snapshot, deployments);
        CheckRoutes(context, snapshot, routes);
        CheckPriceOverrides(context, snapshot, overrides);
        GuardrailSection.CheckReferences(context, guardrails, snapshot);
        if (snapshot.Routes.Count == 0)
        {
            context.Warn("No model can be called: there is no provider, and the demo model is switched off.");
        }

        if (snapshot.Keys.Count == 0)
        {
            context.Warn("There is no virtual key: every request will be refused. Add one under 'keys'.");
        }

        return new GatewayFileResult
        {
            Snapshot = errors.Count == 0 ? snapshot : null,
            Errors = [.. errors.OrderBy(static e => e.Line).ThenBy(static e => e.Column)],
            Warnings = context.Warnings,
            Port = server.Has("port") ? port : null,
            DataDirectory = dataDirectory,
            RequestLog = requestLog,
            AutoProviders = autoProviders,
            ReferencedFiles = context.Expansion.Files,
        };
    }

    private static List<DeploymentEntry> WithCredentials(GatewaySnapshot snapshot)
    {
        var credentials = snapshot.Credentials.ToDictionary(static c => c.ProviderId, static c => c.Id, StringComparer.Ordinal);
        return [.. snapshot.Deployments.Select(d => d.CredentialId is null && credentials.TryGetValue(d.ProviderId, out var id) ? d with { CredentialId = id } : d)];
    }

    private static void CheckDeployments(BuildContext context, GatewaySnapshot snapshot, List<FileDeployment> deployments)
    {
        string[] providers = [.. snapshot.Providers.Select(static p => p.Id)];
        foreach (var (_, provider) in deployments)
        {
            if (provider is not null)
            {
                References.Check(context, provider, "provider", "providers", providers, MissingProviderHint(provider.Text));
            }
        }
    }

    private static void CheckPriceOverrides(BuildContext context, GatewaySnapshot snapshot, List<FilePriceOverride> overrides)
    {
        foreach (var (_, deployment, provider, customer) in overrides)
        {
            Check(deployment, "deployment", "deployments", snapshot.Deployments.Select(static d => d.Id));
            Check(provider, "provider", "providers", snapshot.Providers.Select(static p => p.Id));
            Check(customer, "customer", "customers", snapshot.Customers.Select(static c => c.Id));
        }

        void Check(TextValue? name, string what, string section, IEnumerable<string> ids)
        {
            if (name is not null)
            {
                References.Check(context, name, what, section, ids);
            }
        }
    }

    private static void CheckRoutes(BuildContext context, GatewaySnapshot snapshot, List<FileRoute> routes)
    {
        var deployments = snapshot.Deployments.ToDictionary(static d => d.Id, StringComparer.Ordinal);
        var providers = snapshot.Providers.Select(static p => p.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var (entry, targets, section) in routes)
        {
            foreach (var target in targets)
            {
                var provider = target.Text.Split('/', 2)[0];
                var hint = target.Text.Contains('/', StringComparison.Ordinal) && !providers.Contains(provider) ? MissingProviderHint(provider) : null;
                if (References.Check(context, target, "deployment", "deployments", deployments.Keys, hint)
                    && deployments[target.Text].Model.Contains('*', StringComparison.Ordinal)
                    && entry.Aliases.Prepend(entry.Name).Any(static n => !n.Contains('*', StringComparison.Ordinal)))
                {
                    context.Error(target, $"The deployment '{target.Text}' takes its model name from the '*' of the route, but the route '{entry.Name}' has none. Legal: a deployment with a model name of its own.");
                }
            }

            foreach (var (field, name) in RouteCheck.References(entry))
            {
                References.CheckRoute(context, new TextValue(name, section.Join(field), section.PlaceOf(field.Split('[', '.')[0])), snapshot.Routes);
            }
        }
    }

    private static string? MissingProviderHint(string id) => ProviderCatalogue.Default.Find(id) switch
    {
        { HasUsableBaseUrl: true, KeyVariables: [var variable, ..] } => $"The provider '{id}' is known but not configured: set {variable}, or add it under 'providers'.",
        { } => $"The provider '{id}' is known but not configured: add it under 'providers'.",
        null => null,
    };
}
