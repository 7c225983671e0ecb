using System.Buffers;
using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Contracts.Snapshots;

/// <summary>
/// A configuration with the text of each of its entries: what governance gives out and edges hold. Immutable. What is made from an image shares everything with it that did
/// not change, down to the lists and entries of <see cref="Snapshot"/>, so that a change costs what it changes.
/// </summary>
public sealed class SnapshotImage
{
    /// <summary>The format of differences this build writes and reads.</summary>
    public const int DifferenceFormat = 1;

    private readonly SnapshotSection[] _sections;

    private SnapshotImage(long version, SnapshotSection[] sections)
    {
        _sections = sections;
        Version = version;
        Digest = sections.Aggregate(default(SnapshotDigest), static (sum, s) => sum.Plus(s.Digest));
        Snapshot = new GatewaySnapshot
        {
            Version = version,
            Settings = ((SingleSection<GatewaySettings>)sections[0]).Value,
            Revisions = ((SingleSection<IReadOnlyDictionary<string, long>>)sections[1]).Value,
            Providers = Entries<ProviderEntry>(2),
            Credentials = Entries<CredentialEntry>(3),
            Deployments = Entries<DeploymentEntry>(4),
            Routes = Entries<RouteEntry>(5),
            Customers = Entries<CustomerEntry>(6),
            Users = Entries<UserEntry>(7),
            Teams = Entries<TeamEntry>(8),
            Keys = Entries<VirtualKeyEntry>(9),
            Budgets = Entries<BudgetEntry>(10),
            JwtIssuers = Entries<JwtIssuerEntry>(11),
            PriceOverrides = Entries<PriceOverrideEntry>(12),
            Limits = Entries<LimitEntry>(13),
            Guardrails = Entries<GuardrailPolicyEntry>(14),
            CachePurges = Entries<CachePurgeEntry>(15),
            McpServers = Entries<McpServerEntry>(16),
            McpBundles = Entries<McpBundleEntry>(17),
            McpPolicies = Entries<McpPolicyEntry>(18),
            McpTools = Entries<McpToolEntry>(19),
            McpCredentials = Entries<CredentialEntry>(20),
        };
    }

    /// <summary>The one without an entry.</summary>
    public static SnapshotImage Empty { get; } = new(0,
    [
        new SingleSection<GatewaySettings>("settings", 0, ContractsJson.Default.GatewaySettings, static s => s.Settings, new GatewaySettings()),
        new SingleSection<IReadOnlyDictionary<string, long>>("revisions", 1, ContractsJson.Default.IReadOnlyDictionaryStringInt64, static s => s.Revisions, new Dictionary<string, long>()),
        List(new EntryKind<ProviderEntry>("providers", 2, ContractsJson.Default.ProviderEntry, static e => e.Id, static s => s.Providers)),
        List(new EntryKind<CredentialEntry>("credentials", 3, ContractsJson.Default.CredentialEntry, static e => e.Id, static s => s.Credentials)),
        List(new EntryKind<DeploymentEntry>("deployments", 4, ContractsJson.Default.DeploymentEntry, static e => e.Id, static s => s.Deployments)),
        List(new EntryKind<RouteEntry>("routes", 5, ContractsJson.Default.RouteEntry, static e => e.Name, static s => s.Routes)),
        List(new EntryKind<CustomerEntry>("customers", 6, ContractsJson.Default.CustomerEntry, static e => e.Id, static s => s.Customers)),
        List(new EntryKind<UserEntry>("users", 7, ContractsJson.Default.UserEntry, static e => e.Id, static s => s.Users)),
        List(new EntryKind<TeamEntry>("teams", 8, ContractsJson.Default.TeamEntry, static e => e.Id, static s => s.Teams)),
        List(new EntryKind<VirtualKeyEntry>("keys", 9, ContractsJson.Default.VirtualKeyEntry, static e => e.Id, static s => s.Keys)),
        List(new EntryKind<BudgetEntry>("budgets", 10, ContractsJson.Default.BudgetEntry, static e => e.Id, static s => s.Budgets)),
        List(new EntryKind<JwtIssuerEntry>("jwtIssuers", 11, ContractsJson.Default.JwtIssuerEntry, static e => e.Id, static s => s.JwtIssuers)),
        List(new EntryKind<PriceOverrideEntry>("priceOverrides", 12, ContractsJson.Default.PriceOverrideEntry, static e => e.Id, static s => s.PriceOverrides)),
        List(new EntryKind<LimitEntry>("limits", 13, ContractsJson.Default.LimitEntry, static e => e.Id, static s => s.Limits)),
        List(new EntryKind<GuardrailPolicyEntry>("guardrails", 14, ContractsJson.Default.GuardrailPolicyEntry, static e => e.Id, static s => s.Guardrails)),
        List(new EntryKind<CachePurgeEntry>("cachePurges", 15, ContractsJson.Default.CachePurgeEntry, static e => e.Id, static s => s.CachePurges)),
        List(new EntryKind<McpServerEntry>("mcpServers", 16, ContractsJson.Default.McpServerEntry, static e => e.Id, static s => s.McpServers)),
        List(new EntryKind<McpBundleEntry>("mcpBundles", 17, ContractsJson.Default.McpBundleEntry, static e => e.Id, static s => s.McpBundles)),
        List(new EntryKind<McpPolicyEntry>("mcpPolicies", 18, ContractsJson.Default.McpPolicyEntry, static e => e.Id, static s => s.McpPolicies)),
        List(new EntryKind<McpToolEntry>("mcpTools", 19, ContractsJson.Default.McpToolEntry, static e => e.Id, static s => s.McpTools)),
        List(new EntryKind<CredentialEntry>("mcpCredentials", 20, ContractsJson.Default.CredentialEntry, static e => e.Id, static s => s.McpCredentials)),
    ]);

    /// <summary>The configuration's version.</summary>
    public long Version { get; }

    /// <summary>What it amounts to, its version aside.</summary>
    public SnapshotDigest Digest { get; }

    /// <summary>The configuration, its entries in ascending order of their ids.</summary>
    public GatewaySnapshot Snapshot { get; }

    /// <summary>The image of a configuration. Of entries with the same id all are kept.</summary>
    public SnapshotImage With(GatewaySnapshot snapshot) => new(snapshot.Version, Array.ConvertAll(_sections, s => s.Of(snapshot)));

    /// <summary>The whole document.</summary>
    public byte[] ToJson() => Written(writer =>
    {
        writer.WriteNumber("format", GatewaySnapshot.CurrentFormat);
        writer.WriteNumber("version", Version);
        writer.WriteString("digest", Digest.ToString());
        foreach (var section in _sections)
        {
            writer.WritePropertyName(section.Name);
            section.Write(writer);
        }
    });

    /// <summary>The document that makes this from an earlier image.</summary>
    public byte[] DifferenceFrom(SnapshotImage before) => Written(writer =>
    {
        writer.WriteNumber("format", DifferenceFormat);
        writer.WriteNumber("from", before.Version);
        writer.WriteNumber("version", Version);
        writer.WriteString("digest", Digest.ToString());
        for (var i = 0; i < _sections.Length; i++)
        {
            if (!ReferenceEquals(_sections[i], before._sections[i]) && _sections[i].Digest != before._sections[i].Digest)
            {
                writer.WritePropertyName(_sections[i].Name);
                _sections[i].WriteChanges(writer, before._sections[i]);
            }
        }
    });

    /// <summary>Reads a whole document; entries whose text is the same as here are taken from here.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public SnapshotImage Read(ReadOnlySpan<byte> json) => Read(json, [.. Empty._sections], isDifference: false).Image;

    /// <summary>Reads a difference and applies it.</summary>
    /// <returns>Null when it is not one from here, or leads to something else than whoever wrote it has.</returns>
    /// <exception cref="JsonException">It is none.</exception>
    public SnapshotImage? ReadDifference(ReadOnlySpan<byte> json)
    {
        var (image, from, format, digest) = Read(json, [.. _sections], isDifference: true);
        return from == Version && format <= DifferenceFormat && digest == image.Digest.ToString() ? image : null;
    }

    private static ListSection<T> List<T>(EntryKind<T> kind)
        where T : class
        => new(kind);

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private (SnapshotImage Image, long? From, long? Format, string? Digest) Read(ReadOnlySpan<byte> json, SnapshotSection[] sections, bool isDifference)
    {
        long? version = null;
        long? from = null;
        long? format = null;
        string? digest = null;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Not an object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            var index = Array.FindIndex(sections, s => s.Name == name);
            switch (name)
            {
                case "version":
                    version = Number(ref reader);
                    break;
                case "from":
                    from = Number(ref reader);
                    break;
                case "format":
                    format = Number(ref reader);
                    break;
                case "digest" when reader.TokenType == JsonTokenType.String:
                    digest = reader.GetString();
                    break;
                default:
                    if (index < 0)
                    {
                        reader.Skip();
                    }
                    else
                    {
                        sections[index] = isDifference ? _sections[index].ReadChanges(ref reader, json) : _sections[index].Read(ref reader, json);
                    }

                    break;
            }
        }

        // To its end: what follows the document must not pass in silence.
        while (reader.Read())
        {
        }

        return (new SnapshotImage(version ?? throw new JsonException("No version."), sections), from, format, digest);
    }

    private static long Number(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : throw new JsonException("Not a whole number.");

    private IReadOnlyList<T> Entries<T>(int section)
        where T : class
        => ((ListSection<T>)_sections[section]).Entries;
}
