using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Prices;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Deployments;

internal sealed class DeploymentResource : ResourceType<DeploymentEntry, DeploymentEntry>
{
    private const int MostTokens = 100_000_000;

    public override string Kind => EntryKinds.Deployment;

    public override string Plural => "deployments";

    public override JsonTypeInfo<DeploymentEntry> StoredJson => Entries.StoredJson.Default.DeploymentEntry;

    public override JsonTypeInfo<DeploymentEntry> ViewJson => Entries.StoredJson.Default.DeploymentEntry;

    public override ImmutableSortedDictionary<string, Stored<DeploymentEntry>> Table(ConfigState state) => state.Deployments;

    public override DeploymentEntry View(DeploymentEntry stored) => stored;

    public override string IdOf(DeploymentEntry stored) => stored.Id;

    public override DeploymentEntry Read(ObjectReader reader, ReadContext<DeploymentEntry> context) => new()
    {
        Id = ReadId(reader, context, made: false, Formats.ModelLength, Formats.Model),
        ProviderId = reader.Text("providerId", required: true, Formats.IdLength, Formats.Id) ?? "",
        CredentialId = reader.Text("credentialId", required: false, Formats.IdLength, Formats.Id) is { Length: > 0 } credential ? credential : null,
        Model = reader.Text("model", required: true, Formats.ModelLength) ?? "",
        Price = PriceFields.Read(reader.Nested("price"), versioned: true),
        Unpriced = Unpriced(reader),
        MaxOutputTokens = (int?)reader.Integer("maxOutputTokens", 1, MostTokens),
    };

    public override void CheckReferences(DeploymentEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        if (!config.HasProvider(stored.ProviderId))
        {
            errors.Add("providerId", $"names no provider: there is no '{stored.ProviderId}'.");
        }

        if (stored.CredentialId is { } credential)
        {
            var provider = config.ProviderOfCredential(credential);
            if (provider is null)
            {
                errors.Add("credentialId", $"names no credential: there is no '{credential}'.");
            }
            else if (provider != stored.ProviderId)
            {
                errors.Add("credentialId", $"belongs to provider '{provider}', but the deployment's is '{stored.ProviderId}'.");
            }
        }
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Routes.Values.Where(r => r.Value.Targets.Any(t => t.DeploymentId == id)).Select(r => $"route '{r.Value.Name}'")
            .Concat(state.PriceOverrides.Values.Where(p => p.Value.DeploymentId == id).Select(p => $"price override '{p.Value.Id}'"));

    public override IEnumerable<KeyValuePair<string, Unstored<DeploymentEntry>>> Unstored(Overlay overlay) => overlay.Deployments;

    private static UnpricedPolicy? Unpriced(ObjectReader reader) =>
        reader.Text("unpriced", required: false, 16, static t => t.Length == 0 || Enum.TryParse<UnpricedPolicy>(t, ignoreCase: true, out _) && !char.IsDigit(t[0])
            ? null : "is unknown. Legal values: deny, allow, assume.") is { Length: > 0 } text && Enum.TryParse<UnpricedPolicy>(text, ignoreCase: true, out var policy) ? policy : null;
}
