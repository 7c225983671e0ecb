using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Deployments;

internal sealed class DeploymentResource : ResourceType<DeploymentEntry, DeploymentEntry>
{
    // 1,000,000 USD per million tokens: far above any price, far below where a sum could overflow.
    private const long MostNanoUsd = 1_000_000_000_000_000;
    private const int VersionLength = 64;
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
        Price = Price(reader.Nested("price")),
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
        => state.Routes.Values.Where(r => r.Value.Targets.Any(t => t.DeploymentId == id)).Select(r => $"route '{r.Value.Name}'");

    public override IEnumerable<KeyValuePair<string, Unstored<DeploymentEntry>>> Unstored(Overlay overlay) => overlay.Deployments;

    private static PriceEntry? Price(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var price = new PriceEntry
        {
            Version = reader.Text("version", required: true, VersionLength) ?? "",
            InputPerMillion = reader.Integer("inputPerMillion", 0, MostNanoUsd, required: true) ?? 0,
            OutputPerMillion = reader.Integer("outputPerMillion", 0, MostNanoUsd, required: true) ?? 0,
            CacheReadPerMillion = reader.Integer("cacheReadPerMillion", 0, MostNanoUsd),
            CacheWritePerMillion = reader.Integer("cacheWritePerMillion", 0, MostNanoUsd),
            ReasoningPerMillion = reader.Integer("reasoningPerMillion", 0, MostNanoUsd),
            AudioInputPerMillion = reader.Integer("audioInputPerMillion", 0, MostNanoUsd),
            AudioOutputPerMillion = reader.Integer("audioOutputPerMillion", 0, MostNanoUsd),
            ImageInputPerMillion = reader.Integer("imageInputPerMillion", 0, MostNanoUsd),
            PerRequest = reader.Integer("perRequest", 0, MostNanoUsd) ?? 0,
            PerImage = reader.Integer("perImage", 0, MostNanoUsd) ?? 0,
            PerAudioSecond = reader.Integer("perAudioSecond", 0, MostNanoUsd) ?? 0,
            PerCharacter = reader.Integer("perCharacter", 0, MostNanoUsd) ?? 0,
            PerSearch = reader.Integer("perSearch", 0, MostNanoUsd) ?? 0,
        };
        reader.Close();
        return price;
    }
}
