using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Prices;

internal sealed class PriceOverrideResource : ResourceType<PriceOverrideEntry, PriceOverrideEntry>
{
    private const int VersionLength = 32;

    public override string Kind => EntryKinds.PriceOverride;

    public override string Plural => "priceOverrides";

    public override string Segment => "price-overrides";

    public override JsonTypeInfo<PriceOverrideEntry> StoredJson => Entries.StoredJson.Default.PriceOverrideEntry;

    public override JsonTypeInfo<PriceOverrideEntry> ViewJson => Entries.StoredJson.Default.PriceOverrideEntry;

    public override ImmutableSortedDictionary<string, Stored<PriceOverrideEntry>> Table(ConfigState state) => state.PriceOverrides;

    public override PriceOverrideEntry View(PriceOverrideEntry stored) => stored;

    public override string IdOf(PriceOverrideEntry stored) => stored.Id;

    public override PriceOverrideEntry Read(ObjectReader reader, ReadContext<PriceOverrideEntry> context)
    {
        var entry = new PriceOverrideEntry
        {
            Id = ReadId(reader, context, made: true),
            Name = reader.Text("name", required: false, Formats.NameLength) ?? "",
            DeploymentId = Optional(reader.Text("deploymentId", required: false, Formats.ModelLength, Formats.Model)),
            CustomerId = Optional(reader.Text("customerId", required: false, Formats.IdLength, Formats.Id)),
            ProviderId = Optional(reader.Text("providerId", required: false, Formats.IdLength, Formats.Id)),
            Model = Optional(reader.Text("model", required: false, Formats.ModelLength)) ?? "*",
            Enabled = reader.Boolean("enabled", true),
            Versions = [.. reader.NestedMany("versions", 1, PriceOverrideCheck.MostVersions).Select(Version)],
        };
        foreach (var problem in entry.Versions.Count == 0 ? [] : PriceOverrideCheck.Problems(entry))
        {
            reader.Error("versions", problem);
        }

        return entry;
    }

    public override void CheckReferences(PriceOverrideEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        if (stored.DeploymentId is { } deployment && !config.HasDeployment(deployment))
        {
            errors.Add("deploymentId", $"names no deployment: there is no '{deployment}'.");
        }

        if (stored.ProviderId is { } provider && !config.HasProvider(provider))
        {
            errors.Add("providerId", $"names no provider: there is no '{provider}'.");
        }

        if (stored.CustomerId is { } customer && !config.HasCustomer(customer))
        {
            errors.Add("customerId", $"names no customer: there is no '{customer}'.");
        }
    }

    private static PriceOverrideVersion Version(ObjectReader reader)
    {
        var version = new PriceOverrideVersion
        {
            Version = Optional(reader.Text("version", required: false, VersionLength, Formats.Id)),
            From = reader.Instant("from"),
            Until = reader.Instant("until"),
            Price = PriceFields.Read(reader.Nested("price"), versioned: false),
            FactorBasisPoints = (int?)reader.Integer("factorBasisPoints", 1, 1_000_000),
        };
        reader.Close();
        return version;
    }

    private static string? Optional(string? text) => text is { Length: > 0 } ? text : null;
}
