using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
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
        SectionReader root, BuildContext context, IReadOnlyList<TeamEntry> teams, IReadOnlyList<BudgetEntry> budgets, IReadOnlyList<string> providers, IReadOnlyList<RouteEntry> routes)
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

            var team = section.Text("team");
            if (team is not null)
            {
                References.Check(context, team, "team", "teams", teams.Select(static t => t.Id));
            }

            keys.Add(new VirtualKeyEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                Sha256 = hash,
                TeamId = team?.Text,
                Enabled = section.Flag("enabled"),
                ExpiresAt = ReadExpiry(section, context),
                AllowedModels = ReadModels(section, context),
                AllowedProviders = ReadProviders(section, context, providers),
                AllowedIps = ReadNetworks(section, context),
                RequiredMetadata = [.. section.Texts("requiredMetadata").Select(static t => t.Text)],
                Priority = LimitSection.ReadPriority(section),
                Limits = AccountSections.ReadLimits(section.Section("limits")),
                BudgetIds = AccountSections.ReadBudgetIds(section, context, budgets),
                Routes = ReadRoutes(section, context, routes),
            });
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

        var hash = section.Text("sha256");
        if (hash is not null && (hash.Text.Length != 64 || hash.Text.AsSpan().ContainsAnyExcept(HexDigits)))
        {
            context.Error(hash, $"This is not a SHA-256 hash. Legal: {ConfigurationSchema.At("keys.<id>.sha256").Form}.");
            hash = null;
        }

        if (section.Text("value") is not { } value)
        {
            return hash?.Text.ToLowerInvariant() ?? "";
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

    private static DateTimeOffset? ReadExpiry(SectionReader section, BuildContext context)
    {
        if (section.Text("expiresAt") is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParseExact(
            text.Text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var expiry))
        {
            return expiry;
        }

        context.Error(text, $"'{text.Text}' is not a time. Legal: {ConfigurationSchema.At("keys.<id>.expiresAt").Form}.");
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

    private static List<string> ReadModels(SectionReader section, BuildContext context)
    {
        var models = new List<string>();
        foreach (var model in section.Texts("allowedModels"))
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
