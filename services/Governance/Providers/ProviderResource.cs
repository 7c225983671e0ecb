using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Providers;

internal sealed class ProviderResource : ResourceType<ProviderEntry, ProviderEntry>
{
    private const int MostHeaders = 50;
    private const int HeaderLength = 4096;
    private const int UrlLength = 2048;
    private const int NameLength = 128;
    private const int MostParameters = 50;

    // The gateway writes these itself; a fixed value would break the message or leak between callers.
    private static readonly string[] OwnHeaders =
        ["Host", "Content-Length", "Content-Type", "Connection", "Transfer-Encoding", "Upgrade", "Keep-Alive", "TE", "Trailer", "Expect", "Proxy-Authorization"];

    public override string Kind => EntryKinds.Provider;

    public override string Plural => "providers";

    public override JsonTypeInfo<ProviderEntry> StoredJson => Entries.StoredJson.Default.ProviderEntry;

    public override JsonTypeInfo<ProviderEntry> ViewJson => Entries.StoredJson.Default.ProviderEntry;

    public override ImmutableSortedDictionary<string, Stored<ProviderEntry>> Table(ConfigState state) => state.Providers;

    public override ProviderEntry View(ProviderEntry stored) => stored;

    public override string IdOf(ProviderEntry stored) => stored.Id;

    public override ProviderEntry Read(ObjectReader reader, ReadContext<ProviderEntry> context)
    {
        var id = ReadId(reader, context, made: false);
        var like = Optional(reader, "like", Formats.IdLength, Formats.Id);
        var known = ProviderCatalogue.Default.Find(like ?? id);
        if (like is not null && known is null)
        {
            reader.Error("like", $"names no provider of the built-in table: there is no '{like}'.");
        }

        var kind = reader.Choice("kind", known?.Kind ?? ProviderKind.OpenAI);
        // What the table says of a provider holds for the dialect it says it of.
        known = known?.Kind == kind ? known : null;
        var linkLocal = reader.Boolean("allowLinkLocal", false);
        var auth = reader.Text("authHeader", required: false, 100, Formats.HeaderName) ?? known?.AuthHeader ?? "Authorization";
        var entry = new ProviderEntry
        {
            Id = id,
            Kind = kind,
            Like = like,
            BaseUrl = reader.Text("baseUrl", required: kind is ProviderKind.OpenAI or ProviderKind.AzureOpenAI, UrlLength, Formats.BaseUrl) ?? "",
            AuthHeader = auth.Length == 0 ? "Authorization" : auth,
            Headers = reader.TextMap("headers", MostHeaders, HeaderLength, (name, _) => HeaderError(name, auth)),
            StreamUsageOption = reader.Boolean("streamUsageOption", known?.StreamUsageOption ?? true),
            AllowLinkLocal = linkLocal,
            Timeouts = Timeouts(reader),
            Region = Optional(reader, "region", NameLength, Formats.Id),
            Project = Optional(reader, "project", NameLength, Visible),
            Space = Optional(reader, "space", NameLength, Visible),
            ApiVersion = Optional(reader, "apiVersion", NameLength, Visible),
            TokenUrl = Optional(reader, "tokenUrl", UrlLength, Formats.BaseUrl),
            NativeResponses = reader.Boolean("nativeResponses", known?.NativeResponses ?? false),
            Normalize = reader.Boolean("normalize", known?.Normalize ?? true),
            RenamedParameters = Or(
                reader.TextMap("renamedParameters", MostParameters, NameLength, static (name, to) => name is "" or "model" || to.Length == 0 ? "cannot be renamed." : null),
                known?.RenamedParameters),
            DroppedParameters = reader.Texts("droppedParameters", MostParameters, NameLength, Visible) is { Count: > 0 } dropped ? dropped : known?.DroppedParameters ?? [],
            UsagePath = Optional(reader, "usagePath", NameLength, Visible) ?? known?.UsagePath,
        };
        if (!linkLocal && entry.TokenUrl is { } token && IsLinkLocal(token))
        {
            reader.Error("tokenUrl", "is a link-local address, where cloud metadata services are. Set allowLinkLocal to true if it is meant.");
        }

        if (!linkLocal && IsLinkLocal(entry.BaseUrl))
        {
            reader.Error("baseUrl", "is a link-local address, where cloud metadata services are. Set allowLinkLocal to true if it is meant.");
        }

        return entry;
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Credentials.Values.Where(c => c.Value.ProviderId == id).Select(c => $"credential '{c.Value.Id}'")
            .Concat(state.Deployments.Values.Where(d => d.Value.ProviderId == id).Select(d => $"deployment '{d.Value.Id}'"))
            .Concat(state.Keys.Values.Where(k => k.Value.Entry.AllowedProviders.Contains(id)).Select(k => $"key '{k.Value.Entry.Id}'"))
            .Concat(state.BillSources.Values.Where(s => s.Value.ProviderId == id).Select(s => $"bill source '{s.Value.Id}'"))
            .Concat(state.PriceOverrides.Values.Where(p => p.Value.ProviderId == id).Select(p => $"price override '{p.Value.Id}'"));

    public override IEnumerable<KeyValuePair<string, Unstored<ProviderEntry>>> Unstored(Overlay overlay) => overlay.Providers;

    private static TimeoutEntry Timeouts(ObjectReader reader)
    {
        var defaults = new TimeoutEntry();
        if (reader.Nested("timeouts") is not { } nested)
        {
            return defaults;
        }

        var entry = new TimeoutEntry
        {
            ConnectMs = nested.Integer("connectMs", 1, 600_000, defaults.ConnectMs),
            FirstByteMs = nested.Integer("firstByteMs", 1, 3_600_000, defaults.FirstByteMs),
            IdleMs = nested.Integer("idleMs", 1, 3_600_000, defaults.IdleMs),
            TotalMs = nested.Integer("totalMs", 1, 86_400_000, defaults.TotalMs),
        };
        nested.Close();
        return entry;
    }

    private static string? Optional(ObjectReader reader, string name, int most, Func<string, string?> check) =>
        reader.Text(name, required: false, most, check) is { Length: > 0 } text ? text : null;

    private static IReadOnlyDictionary<string, string> Or(IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, string>? otherwise) =>
        given.Count > 0 || otherwise is null ? given : otherwise;

    private static string? Visible(string text) => text.Any(c => c is <= ' ' or > '~') ? "must have only visible ASCII characters, without spaces or line ends." : null;

    private static string? HeaderError(string name, string auth)
        => name.Length == 0 || Formats.HeaderName(name) is not null ? "has a name that is not an HTTP header name."
            : OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) ? "is written by the gateway itself."
            : name.Equals(auth, StringComparison.OrdinalIgnoreCase) || name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
                ? "carries a secret; store it as a credential, where it is encrypted."
            : null;

    private static bool IsLinkLocal(string url)
        => Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && IPAddress.TryParse(uri.DnsSafeHost, out var address)
            && (address.IsIPv6LinkLocal || (Four(address) is { } four && four[0] == 169 && four[1] == 254));

    private static byte[]? Four(IPAddress address)
        => address.IsIPv4MappedToIPv6 ? address.MapToIPv4().GetAddressBytes()
            : address.AddressFamily == AddressFamily.InterNetwork ? address.GetAddressBytes()
            : null;
}
