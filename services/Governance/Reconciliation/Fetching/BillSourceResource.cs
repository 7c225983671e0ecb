using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Secrets;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Reconciliation.Fetching;

internal sealed class BillSourceResource : ResourceType<BillSourceEntry, BillSourceEntry>
{
    private const int MostMappings = 200;
    private const int MostHours = 168;
    private const int AddressLength = 500;

    public override string Kind => EntryKinds.BillSource;

    public override string Plural => "billSources";

    public override string Segment => "bill-sources";

    public override JsonTypeInfo<BillSourceEntry> StoredJson => BillSourceJson.Default.BillSourceEntry;

    public override JsonTypeInfo<BillSourceEntry> ViewJson => BillSourceJson.Default.BillSourceEntry;

    public override ImmutableSortedDictionary<string, Stored<BillSourceEntry>> Table(ConfigState state) => state.BillSources;

    public override BillSourceEntry View(BillSourceEntry stored) => stored;

    public override string IdOf(BillSourceEntry stored) => stored.Id;

    public override BillSourceEntry Read(ObjectReader reader, ReadContext<BillSourceEntry> context)
    {
        var reference = SecretReferenceForm.Read(reader);
        if (reference is null && !reader.Errors.Any)
        {
            reader.Error(SecretReferenceForm.Member, "is required: where the admin key of the cost API is kept.");
        }

        return new BillSourceEntry
        {
            Id = ReadId(reader, context, made: true),
            Name = reader.Text("name", required: false, Formats.NameLength) ?? "",
            ProviderId = reader.Text("providerId", required: true, Formats.IdLength, Formats.Id) ?? "",
            Part = reader.Text("part", required: false, 64, static p => UsageText.Clean(p) == p ? null : "must have visible ASCII characters only.") ?? "",
            Api = reader.Choice("api", context.Existing?.Api ?? CostApi.OpenAI),
            BaseUrl = reader.Text("baseUrl", required: false, AddressLength, Address) is { Length: > 0 } address ? address.TrimEnd('/') : null,
            SecretRef = reference ?? new SecretReference(),
            Enabled = reader.Boolean("enabled", true),
            EveryHours = reader.Integer("everyHours", 1, MostHours, 6),
            Days = reader.Integer("days", 1, CostRequests.MostDays, 5),
            Partial = reader.Boolean("partial", false),
            Models = Mapping(reader, "models"),
            Credentials = Mapping(reader, "credentials"),
        };
    }

    public override void CheckReferences(BillSourceEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        if (!config.HasProvider(stored.ProviderId))
        {
            errors.Add("providerId", $"names no provider: there is no '{stored.ProviderId}'.");
        }

        foreach (var (account, credential) in stored.Credentials.Where(c => !config.HasCredential(c.Value)))
        {
            errors.Add($"credentials.{account}", $"names no credential: there is no '{credential}'.");
        }

        if (config.Stored.BillSources.Values.FirstOrDefault(s => s.Value.Id != stored.Id && s.Value.ProviderId == stored.ProviderId && s.Value.Part == stored.Part) is { } other)
        {
            errors.Add("part", $"is that of '{other.Value.Id}' already: two sources of one bill would take each other's days.");
        }
    }

    private static Dictionary<string, string> Mapping(ObjectReader reader, string name)
        => reader.TextMap(name, MostMappings, Formats.ModelLength, static (_, value) => UsageText.Clean(value) == value ? null : "must have visible ASCII characters only.")
            .ToDictionary(StringComparer.Ordinal);

    // The admin key goes there: only to another machine by TLS.
    private static string? Address(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            ? null
            : "must be an https address (http on this machine only) without user name and query.";
}
