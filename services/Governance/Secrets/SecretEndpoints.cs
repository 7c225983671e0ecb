using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Credentials;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Secrets;

/// <summary>What reading a credential's secret came to. Never the secret.</summary>
public sealed record SecretCheck
{
    /// <summary>True when it can be read.</summary>
    public required bool Found { get; init; }

    /// <summary><c>Found</c>, <c>NotFound</c>, <c>Refused</c>, <c>Invalid</c> or <c>Unavailable</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Where it is kept: <c>stored</c>, or the kind of its reference.</summary>
    public required string Kind { get; init; }

    /// <summary>Why it cannot be read; absent when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Its length in bytes.</summary>
    public int? Length { get; init; }

    /// <summary>The first eight digits of its SHA-256, to compare it by.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>True when it is the value in force; absent when it cannot be read.</summary>
    public bool? InForce { get; init; }

    /// <summary>When the value in force was read from where it is kept; absent for a stored secret.</summary>
    public DateTimeOffset? InForceSince { get; init; }
}

/// <summary>What credentials have besides the common operations.</summary>
internal static class SecretEndpoints
{
    private const int FingerprintDigits = 8;

    public static void MapSecretCheck(this RouteGroupBuilder credentials)
        => credentials.MapPost("/{id}/resolve", async (HttpContext context, ConfigStore store, KeyRing ring, SecretStores stores, SecretBook book, string id) =>
            {
                if (!(await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false)).Credentials.TryGetValue(id, out var credential))
                {
                    return Problem.NotFound(EntryKinds.Credential, id).ToResult();
                }

                var check = credential.Value.SecretRef is { } reference
                    ? Check(reference.Kind.ToString(), await stores.ReadAsync(reference, context.RequestAborted).ConfigureAwait(false), credential.Value, book.Look(reference))
                    : Check("stored", Stored(ring, credential.Value), credential.Value, null);
                return Results.Json(check, SecretJson.Default.SecretCheck);
            })
            .WithName("resolveCredential")
            .WithSummary("Reads a credential's secret now and tells whether it is there, without showing it.")
            .WithDescription("Changes nothing: a reference is read again by its schedule.")
            .Produces<SecretCheck>().Refuses(404)
            .WithMetadata(new AuditedAs("credential.resolve"))
            .Access(EntryKinds.Credential, AccessAction.Run);

    private static SecretRead Stored(KeyRing ring, StoredCredential credential) => ring.OpenEntry(credential) switch
    {
        null => SecretRead.Invalid($"it cannot be decrypted: key '{credential.KeyId}' is not in the key ring, or the row was altered"),
        { Secret.Length: 0 } => SecretRead.NotFound("the credential has no secret of its own: the identity is that of the machine"),
        { } entry => SecretRead.Found(entry.Secret),
    };

    private static SecretCheck Check(string kind, SecretRead read, StoredCredential credential, SecretReading? known)
    {
        var problem = read.Value is { } found ? CredentialForms.Problem(credential.Type, found) : read.Problem;
        return new SecretCheck
        {
            Found = read.Value is not null,
            Outcome = (read.Value is not null && problem is not null ? SecretOutcome.Invalid : read.Outcome).ToString(),
            Kind = kind,
            Problem = problem,
            Length = read.Value is { } value ? Encoding.UTF8.GetByteCount(value) : null,
            Fingerprint = read.Value is { } text ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..FingerprintDigits] : null,
            InForce = read.Value is null ? null : credential.SecretRef is null || known?.Value == read.Value,
            InForceSince = known?.ValueAt,
        };
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SecretCheck))]
internal sealed partial class SecretJson : JsonSerializerContext;
