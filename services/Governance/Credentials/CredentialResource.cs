using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Guardrails;
using Gateway.Governance.Providers;
using Gateway.Governance.Secrets;

namespace Gateway.Governance.Credentials;

internal sealed class CredentialResource(KeyRing ring) : ResourceType<StoredCredential, CredentialView>
{
    public override string Kind => EntryKinds.Credential;

    public override string Plural => "credentials";

    public override JsonTypeInfo<StoredCredential> StoredJson => Entries.StoredJson.Default.StoredCredential;

    public override JsonTypeInfo<CredentialView> ViewJson => CredentialJson.Default.CredentialView;

    public override Type RequestType => typeof(CredentialRequest);

    public override ImmutableSortedDictionary<string, Stored<StoredCredential>> Table(ConfigState state) => state.Credentials;

    public override CredentialView View(StoredCredential stored) => new() { Id = stored.Id, ProviderId = stored.ProviderId, Type = stored.Type, SecretRef = stored.SecretRef };

    public override string IdOf(StoredCredential stored) => stored.Id;

    public override StoredCredential Read(ObjectReader reader, ReadContext<StoredCredential> context)
    {
        var id = ReadId(reader, context, made: false);
        var provider = reader.Text("providerId", required: context.Existing is null, Formats.IdLength, Formats.Id) ?? context.Existing?.ProviderId ?? "";
        if (context.Existing is { } existing && existing.ProviderId != provider)
        {
            reader.Error("providerId", $"is '{existing.ProviderId}' and cannot be changed: a secret of one provider must not be sent to another. Create a new credential.");
        }

        var type = reader.Choice("type", context.Existing?.Type ?? CredentialType.ApiKey);
        var (aws, entra) = (CredentialForms.Aws(reader), CredentialForms.Entra(reader));
        var secret = CredentialForms.Secret(reader, type, out var wrong);
        var reference = SecretReferenceForm.Read(reader);
        if (context.Existing is { } kept && secret is null && aws is null && entra is null && kept.Type == type && kept.SecretRef == reference)
        {
            return kept;
        }

        var credential = new CredentialEntry { Id = id, ProviderId = provider, Type = type, Secret = secret ?? "", Aws = aws, Entra = entra };
        CredentialForms.Check(reader, credential, reference is not null, wrong);
        return reader.Errors.Any ? Unsealed(id, provider) : ring.Seal(credential, reference);
    }

    public override void CheckReferences(StoredCredential stored, EffectiveConfig config, FieldErrors errors)
    {
        if (!config.HasProvider(stored.ProviderId) && !config.Stored.McpServers.ContainsKey(stored.ProviderId))
        {
            errors.Add("providerId", $"names no provider and no MCP server: there is no '{stored.ProviderId}'.");
        }
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Deployments.Values.Where(d => d.Value.CredentialId == id).Select(d => $"deployment '{d.Value.Id}'")
            .Concat(state.Guardrails.Values.Where(g => GuardrailReferences.Credentials(g.Value).Any(c => c.Credential == id)).Select(g => $"guardrail '{g.Value.Id}'"))
            .Concat(state.BillSources.Values.Where(s => s.Value.Credentials.Values.Contains(id, StringComparer.Ordinal)).Select(s => $"bill source '{s.Value.Id}'"));

    public override IEnumerable<KeyValuePair<string, Unstored<CredentialView>>> Unstored(Overlay overlay)
        => overlay.Credentials.Select(c => KeyValuePair.Create(
            c.Key, new Unstored<CredentialView>(new CredentialView { Id = c.Key, ProviderId = c.Value.Value.ProviderId, Type = c.Value.Value.Type }, c.Value.Source)));

    protected override bool IsSame(StoredCredential one, StoredCredential other)
        => one == other || (one.SecretRef == other.SecretRef && ring.OpenEntry(one) is { } plain && plain == ring.OpenEntry(other));

    protected override (StoredCredential? Entry, string? Problem) Restored(StoredCredential earlier, StoredCredential? current)
        => ring.OpenEntry(earlier) is not null
            ? (earlier, null)
            : (null, $"was sealed under the key '{earlier.KeyId}', which is no longer in the key ring: its secret cannot be read any more. Store it anew.");

    private static StoredCredential Unsealed(string id, string provider) => new() { Id = id, ProviderId = provider, KeyId = "", Sealed = "" };
}

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CredentialView))]
internal sealed partial class CredentialJson : JsonSerializerContext;
