using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Schema;
using Gateway.Mcp;

namespace Gateway.Edge.Configuration.Building;

/// <summary>A server of the file with what goes with it: its secret, and what was said of its tools' definitions.</summary>
internal sealed record FileMcpServer(McpServerEntry Entry, CredentialEntry? Credential, IReadOnlyList<McpToolEntry> Tools);

/// <summary>Reads <c>mcpServers</c>.</summary>
internal static class McpServerSection
{
    private const int MostTools = 500;
    private const int MostHeaders = 20;

    public static List<FileMcpServer> Read(SectionReader root, BuildContext context)
    {
        var servers = new List<FileMcpServer>();
        foreach (var (id, section) in root.Map("mcpServers"))
        {
            McpChecks.Id(context, id);
            var secret = Secret(section);
            var transport = (McpTransport)(section.Choice("transport") + 1);
            var entry = new McpServerEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                Description = McpChecks.Description(context, section),
                Enabled = section.Flag("enabled"),
                Transport = transport,
                Url = McpChecks.Address(context, section, "url") ?? "",
                AllowLinkLocal = section.Flag("allowLinkLocal"),
                Headers = Headers(section, context),
                Stdio = section.Has("stdio") ? McpServerParts.Stdio(section.Section("stdio"), context) : null,
                OpenApi = section.Has("openApi") ? McpServerParts.OpenApi(section.Section("openApi"), context) : null,
                Auth = section.Has("auth") ? Auth(section.Section("auth"), context, id.Text, secret is not null) : null,
                TimeoutSeconds = section.Int("timeoutSeconds"),
                MaxResponseBytes = section.Int("maxResponseBytes"),
                MaxConcurrentCalls = section.Int("maxConcurrentCalls"),
                Trust = section.Choice("trust") == 1 ? McpTrust.All : McpTrust.Review,
                Labels = Labels(section, context),
                Tools = Tools(section, context),
            };
            Check(context, section, transport);
            servers.Add(new FileMcpServer(
                entry,
                secret is null ? null : new CredentialEntry { Id = id.Text, ProviderId = id.Text, Secret = secret.Text },
                Decided(section, context, id.Text)));
        }

        return servers;
    }

    private static TextValue? Secret(SectionReader section) => section.Has("auth") ? section.Section("auth").Text("secret") : null;

    private static void Check(BuildContext context, SectionReader section, McpTransport transport)
    {
        Only("stdio", transport == McpTransport.Stdio, "stdio");
        Only("openApi", transport == McpTransport.OpenApi, "openApi");
        if (transport == McpTransport.Stdio)
        {
            foreach (var key in (string[])["url", "auth", "headers"])
            {
                if (section.Has(key))
                {
                    context.Error(section.Join(key), section.PlaceOf(key), $"A program has no '{key}': pass what it needs in stdio.environment.");
                }
            }
        }
        else if (transport != McpTransport.OpenApi && !section.Has("url"))
        {
            context.Error(section.Join("url"), section.Place, "This key is missing: the address of the server.");
        }

        void Only(string key, bool isWanted, string name)
        {
            if (section.Has(key) != isWanted)
            {
                context.Error(section.Join(key), section.PlaceOf(key), isWanted ? $"This key is missing: 'transport: {name}' needs it." : $"This is only for 'transport: {name}'.");
            }
        }
    }

    private static Dictionary<string, string> Headers(SectionReader section, BuildContext context)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in section.TextMap("headers"))
        {
            if (McpChecks.Header(context, name, value) && !headers.TryAdd(name.Text, value.Text))
            {
                context.Error(name, "This header is there twice.");
            }
        }

        McpChecks.Most(context, section, "headers", headers.Count, MostHeaders);
        return headers;
    }

    private static McpAuthEntry Auth(SectionReader section, BuildContext context, string id, bool hasSecret)
    {
        var (header, scheme) = (section.Text("header"), section.Text("scheme"));
        if (header is not null)
        {
            McpChecks.Header(context, header, null);
        }

        if (scheme is not null && scheme.Text.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
        {
            context.Error(scheme, $"This is no scheme. Legal: {ConfigurationSchema.At("mcpServers.<id>.auth.scheme").Form}.");
        }

        if (!section.Has("secret") && !section.Has("oauth"))
        {
            context.Error(section.Path, section.Place, "This needs 'secret' or 'oauth'.");
        }

        var oauth = section.Section("oauth");
        return new McpAuthEntry
        {
            CredentialId = hasSecret ? id : null,
            Header = header?.Text ?? "Authorization",
            Scheme = scheme is null ? "Bearer" : scheme.Text == "none" ? "" : scheme.Text,
            OAuth = section.Has("oauth")
                ? new McpOAuthEntry
                {
                    ClientId = oauth.Text("clientId")?.Text ?? "",
                    Scopes = [.. oauth.Texts("scopes").Select(static s => s.Text)],
                    PerUser = oauth.Flag("perUser"),
                    Issuer = McpChecks.Address(context, oauth, "issuer"),
                }
                : null,
        };
    }

    private static List<McpToolSettings> Tools(SectionReader section, BuildContext context)
    {
        var tools = section.Items("tools").Select(t => Tool(t, context)).ToList();
        McpChecks.Most(context, section, "tools", tools.Count, MostTools);
        return tools;
    }

    private static McpToolSettings Tool(SectionReader section, BuildContext context)
    {
        var name = section.Text("tool");
        if (name is not null && (name.Text.Count(static c => c == '*') > 1 || !McpIds.IsGoodTool(name.Text)))
        {
            context.Error(name, $"This is not a tool. Legal: {ConfigurationSchema.At("mcpServers.<id>.tools[].tool").Form}.");
        }

        return new McpToolSettings
        {
            Tool = name?.Text ?? "",
            Enabled = section.Has("enabled") ? section.Flag("enabled") : null,
            PriceNanoUsd = section.Amount("priceUsd") is { } usd ? NanoUsd.FromUsd(usd) : null,
            TimeoutSeconds = (int?)section.Integer("timeoutSeconds"),
            LimitPerMinute = (int?)section.Integer("limitPerMinute"),
            Approval = section.Has("approval") ? McpChecks.Approval(context, section, "approval", section.Choice("approval") + 1) : null,
            Labels = section.Has("labels") ? Labels(section, context) : null,
        };
    }

    private static List<McpLabel> Labels(SectionReader section, BuildContext context)
    {
        var labels = new List<McpLabel>();
        foreach (var label in section.Texts("labels"))
        {
            if (Array.IndexOf(McpRows.Labels, label.Text) is var number and >= 0)
            {
                labels.Add((McpLabel)(number + 1));
            }
            else
            {
                context.Error(label, $"'{label.Text}' is not known. Legal: {string.Join(", ", McpRows.Labels)}.");
            }
        }

        return [.. labels.Distinct()];
    }

    /// <summary>What was decided of definitions; a tool that is both approved and withheld is withheld.</summary>
    private static List<McpToolEntry> Decided(SectionReader section, BuildContext context, string server)
    {
        var withheld = section.Texts("withheld");
        var decided = new Dictionary<string, McpToolEntry>(StringComparer.Ordinal);
        foreach (var (tool, fingerprint) in section.TextMap("approved"))
        {
            if (fingerprint.Text.Length != 64 || fingerprint.Text.Any(static c => !char.IsAsciiHexDigit(c)))
            {
                context.Error(fingerprint, $"This is no fingerprint. Legal: {ConfigurationSchema.At("mcpServers.<id>.approved").Form}.");
            }

            decided[tool.Text] = new McpToolEntry { Id = McpIds.Tool(server, tool.Text), Fingerprint = fingerprint.Text.ToLowerInvariant() };
        }

        foreach (var tool in withheld)
        {
            decided[tool.Text] = new McpToolEntry { Id = McpIds.Tool(server, tool.Text), Fingerprint = decided.GetValueOrDefault(tool.Text)?.Fingerprint ?? "", Withheld = true };
        }

        return [.. decided.Values];
    }
}
