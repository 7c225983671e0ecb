using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Accounts;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Schema;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>keys</c>. A key's value leaves this class only as its hash.</summary>
internal static class KeySection
{
    /// <summary>The key printed in the example file, which everybody knows.</summary>
    internal const string ExampleKey = "gw-example0000000000000000000000000000000000000";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK",
    ];

    public static List<VirtualKeyEntry> Read(
        SectionReader root, BuildContext context, FileAccounts accounts, IReadOnlyList<BudgetEntry> budgets, IReadOnlyList<string> providers, IReadOnlyList<RouteEntry> routes,
        IReadOnlyList<FileGuardrail> guardrails, IReadOnlyList<string> sharedScopes)
    {
        var keys = new List<VirtualKeyEntry>();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (id, section) in root.Map("keys"))
        {
            Names.CheckId(context, id);
            var hash = ReadHash(section, context);
            if (hash.Length > 0 && !owners.TryAdd(hash, id.Text))
            {
                context.Error(id.Path, id.Node, $"This key has the same value as '{owners[hash]}': every key needs its own.");
            }

            var (previous, until) = ReadPrevious(section, context, owners, id);
            var key = new VirtualKeyEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                Sha256 = hash,
                PreviousSha256 = previous,
                PreviousUntil = until,
                TeamId = accounts.Team(section),
                UserId = accounts.User(section),
                CustomerId = accounts.Customer(section),
                Tags = ReadTags(section, context),
                Enabled = section.Flag("enabled"),
                ExpiresAt = ReadTime(section, context, "expiresAt"),
                AllowedModels = ReadNames(section, context, "allowedModels"),
                AllowedRoutes = ReadNames(section, context, "allowedRoutes"),
                McpTools = ReadTools(section, context),
                McpChat = McpChatSection.Read(section, context),
                GuardrailPolicies = GuardrailSection.ReadNames(section, context, guardrails),
                RequestLog = section.Has("requestLog") ? (RequestLogLevel)(section.Choice("requestLog") + 1) : null,
                OnRevoke = section.Has("onRevoke") ? (RevokePolicy)(section.Choice("onRevoke") + 1) : null,
                OutputCap = section.Has("outputCap") ? (OutputCapPolicy)(section.Choice("outputCap") + 1) : null,
                DefaultOutputTokens = (int?)section.Integer("defaultOutputTokens"),
                AllowedProviders = ReadProviders(section, context, providers),
                AllowedIps = ReadNetworks(section, context),
                RequiredMetadata = [.. section.Texts("requiredMetadata").Select(static t => t.Text)],
                Priority = LimitSection.ReadPriority(section),
                Limits = AccountSections.ReadLimits(section.Section("limits")),
                BudgetIds = AccountSections.ReadBudgetIds(section, context, budgets),
                Routes = ReadRoutes(section, context, routes),
                Cache = CacheSection.ReadPolicy(section, context, sharedScopes),
            };
            accounts.Check(section, key);
            keys.Add(key);
        }

        return keys;
    }

    private static string ReadHash(SectionReader section, BuildContext context)
    {
        if (section.Has("value") == section.Has("sha256"))
        {
            context.Error(section.Path, section.Place, section.Has("value")
                ? "A key has either 'value' or 'sha256', not both. Legal: one of the two."
                : $"A key needs 'value' ({ConfigurationSchema.At("keys.<id>.value").Legal}) or 'sha256' ({ConfigurationSchema.At("keys.<id>.sha256").Legal}).");
        }

        var hash = ReadSha256(section, context, "sha256");
        if (section.Text("value") is not { } value)
        {
            return hash ?? "";
        }

        if (value.Text.Length is < 16 or > 256 || value.Text.Any(static c => c is <= ' ' or > '~'))
        {
            context.Error(value, $"This cannot be a key. Legal: {ConfigurationSchema.At("keys.<id>.value").Legal}.");
        }
        else if (value.Text == ExampleKey)
        {
            context.Warn(value.Path, value.Node, "This is the key printed in the example: everybody knows it. Replace it before anybody else can reach the gateway.");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value.Text)));
    }

    private static string? ReadSha256(SectionReader section, BuildContext context, string name)
    {
        if (section.Text(name) is not { } hash)
        {
            return null;
        }

        if (hash.Text.Length == 64 && !hash.Text.AsSpan().ContainsAnyExcept(HexDigits))
        {
            return hash.Text.ToLowerInvariant();
        }

        context.Error(hash, $"This is not a SHA-256 hash. Legal: {ConfigurationSchema.At($"keys.<id>.{name}").Form}.");
        return null;
    }

    private static (string? Hash, DateTimeOffset? Until) ReadPrevious(SectionReader section, BuildContext context, Dictionary<string, string> owners, TextValue id)
    {
        var (hash, until) = (ReadSha256(section, context, "previousSha256"), ReadTime(section, context, "previousUntil"));
        if (section.Has("previousSha256") != section.Has("previousUntil"))
        {
            context.Error(section.Path, section.Place, "'previousSha256' and 'previousUntil' go together. Legal: both or neither.");
        }
        else if (hash is not null && !owners.TryAdd(hash, id.Text))
        {
            context.Error(section.Join("previousSha256"), section.PlaceOf("previousSha256"), $"This is the value of '{owners[hash]}' already: every key needs its own.");
        }

        return (hash, until);
    }

    private static List<string> ReadTags(SectionReader section, BuildContext context)
    {
        var tags = section.Texts("tags");
        foreach (var tag in tags.Where(static t => !Tags.IsGood(t.Text)))
        {
            context.Error(tag, $"This is not a tag. Legal: {ConfigurationSchema.At("keys.<id>.tags").Form}.");
        }

        if (tags.Count > Tags.Most)
        {
            context.Error(section.Join("tags"), section.PlaceOf("tags"), $"These are too many. Legal: at most {Tags.Most} tags.");
        }

        return [.. tags.Select(static t => t.Text).Distinct(StringComparer.Ordinal)];
    }

    private static List<string> ReadTools(SectionReader section, BuildContext context)
    {
        var tools = section.Texts("mcpTools");
        foreach (var tool in tools.Where(static t => !McpToolPattern.IsGood(t.Text)))
        {
            context.Error(tool, $"This is not a tool. Legal: {ConfigurationSchema.At("keys.<id>.mcpTools").Form}.");
        }

        return [.. tools.Select(static t => t.Text)];
    }

    /// <summary>Reads a date or time.</summary>
    public static DateTimeOffset? ReadTime(SectionReader section, BuildContext context, string name)
    {
        if (section.Text(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParseExact(
            text.Text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var expiry))
        {
            return expiry;
        }

        context.Error(text, $"'{text.Text}' is not a time. Legal: {ConfigurationSchema.At($"keys.<id>.{name}").Form}.");
        return null;
    }

    private static List<KeyRoute> ReadRoutes(SectionReader section, BuildContext context, IReadOnlyList<RouteEntry> known)
    {
        var routes = new List<KeyRoute>();
        foreach (var (model, route) in section.TextMap("routes"))
        {
            if (Names.CheckRoute(context, model) && Names.CheckRoute(context, route))
            {
                References.CheckRoute(context, route, known);
                routes.Add(new KeyRoute(model.Text, route.Text));
            }
        }

        return routes;
    }

    private static List<string> ReadNames(SectionReader section, BuildContext context, string key)
    {
        var models = new List<string>();
        foreach (var model in section.Texts(key))
        {
            Names.CheckRoute(context, model);
            models.Add(model.Text);
        }

        return models;
    }

    private static List<string> ReadProviders(SectionReader section, BuildContext context, IReadOnlyList<string> providers)
    {
        var names = new List<string>();
        foreach (var name in section.Texts("allowedProviders"))
        {
            // A provider that comes and goes with the environment may be named before it is there: that only ever allows less.
            if (ProviderCatalogue.Default.Find(name.Text) is null)
            {
                References.Check(context, name, "provider", "providers", providers);
            }
            else if (!providers.Contains(name.Text))
            {
                context.Warn(name.Path, name.Node, $"The provider '{name.Text}' is not configured at present.");
            }

            names.Add(name.Text);
        }

        return names;
    }

    private static List<string> ReadNetworks(SectionReader section, BuildContext context)
    {
        var networks = new List<string>();
        foreach (var text in section.Texts("allowedIps"))
        {
            if (IPAddress.TryParse(text.Text, out var address) && (address.GetAddressBytes().Length == 16 || text.Text.Count(static c => c == '.') == 3))
            {
                networks.Add($"{address}/{address.GetAddressBytes().Length * 8}");
            }
            else if (IPNetwork.TryParse(text.Text, out var network))
            {
                networks.Add(network.ToString());
            }
            else
            {
                context.Error(text, $"'{text.Text}' is neither an address nor a range. Legal: {ConfigurationSchema.At("keys.<id>.allowedIps").Form}.");
            }
        }

        return networks;
    }
}
