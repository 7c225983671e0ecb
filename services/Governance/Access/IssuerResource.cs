using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Tokens;

namespace Gateway.Governance.Access;

/// <summary>Issuers of JWTs whose holders may call the model API.</summary>
internal sealed class IssuerResource : ResourceType<JwtIssuerEntry, JwtIssuerEntry>
{
    private const int MostItems = 1000;
    private const int ClaimLength = 100;
    private const int ValueLength = 256;

    public override string Kind => EntryKinds.Issuer;

    public override string Plural => "issuers";

    public override JsonTypeInfo<JwtIssuerEntry> StoredJson => Entries.StoredJson.Default.JwtIssuerEntry;

    public override JsonTypeInfo<JwtIssuerEntry> ViewJson => Entries.StoredJson.Default.JwtIssuerEntry;

    public override ImmutableSortedDictionary<string, Stored<JwtIssuerEntry>> Table(ConfigState state) => state.Issuers;

    public override JwtIssuerEntry View(JwtIssuerEntry stored) => stored;

    public override string IdOf(JwtIssuerEntry stored) => stored.Id;

    public override JwtIssuerEntry Read(ObjectReader reader, ReadContext<JwtIssuerEntry> context)
    {
        var entry = new JwtIssuerEntry
        {
            Id = ReadId(reader, context, made: true),
            Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
            Enabled = reader.Boolean("enabled", true),
            Issuer = reader.Text("issuer", required: true, 500, Address) ?? "",
            Audiences = reader.Texts("audiences", 50, ValueLength),
            JwksUrl = reader.Text("jwksUrl", required: false, 500, Address),
            ClockSkewSeconds = reader.Integer("clockSkewSeconds", 0, 600, 60),
            RequiredClaims = [.. reader.NestedMany("requiredClaims", 0, 50).Select(Claim)],
            KeyId = reader.Text("keyId", required: false, Formats.IdLength, Formats.Id),
            Keys = [.. reader.NestedMany("keys", 0, MostItems).Select(Rule)],
            UserClaim = reader.Text("userClaim", required: false, ClaimLength) ?? "sub",
            TeamClaim = reader.Text("teamClaim", required: false, ClaimLength),
            Teams = reader.TextMap("teams", MostItems, Formats.IdLength, static (_, id) => Formats.Id(id)).ToDictionary(StringComparer.Ordinal),
            CustomerClaim = reader.Text("customerClaim", required: false, ClaimLength),
            TagsClaim = reader.Text("tagsClaim", required: false, ClaimLength),
        };
        if (entry.Audiences.Count == 0)
        {
            reader.Error("audiences", "must name at least one: a token for another service must not open this one.");
        }

        if (entry.KeyId is null && entry.Keys.Count == 0)
        {
            reader.Error("keyId", "is required, or 'keys': the virtual key whose policies callers have.");
        }

        return entry;
    }

    public override void CheckReferences(JwtIssuerEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        if (stored.KeyId is { } key && !config.Stored.Keys.ContainsKey(key))
        {
            errors.Add("keyId", $"names no key: there is no '{key}'.");
        }

        for (var i = 0; i < stored.Keys.Count; i++)
        {
            if (!config.Stored.Keys.ContainsKey(stored.Keys[i].KeyId))
            {
                errors.Add($"keys[{i}].keyId", $"names no key: there is no '{stored.Keys[i].KeyId}'.");
            }
        }

        foreach (var (value, team) in stored.Teams.Where(t => !config.HasTeam(t.Value)))
        {
            errors.Add($"teams.{value}", $"names no team: there is no '{team}'.");
        }

        if (config.Stored.Issuers.Values.FirstOrDefault(i => i.Value.Issuer == stored.Issuer && i.Value.Id != stored.Id) is { } other)
        {
            errors.Add("issuer", $"is that of '{other.Value.Id}' already.");
        }
    }

    private static JwtClaim Claim(ObjectReader reader)
    {
        var claim = new JwtClaim(reader.Text("claim", required: true, ClaimLength) ?? "", reader.Texts("values", 100, ValueLength));
        reader.Close();
        return claim;
    }

    private static JwtKeyRule Rule(ObjectReader reader)
    {
        var rule = new JwtKeyRule(
            reader.Text("claim", required: true, ClaimLength) ?? "",
            reader.Text("value", required: true, ValueLength) ?? "",
            reader.Text("keyId", required: true, Formats.IdLength, Formats.Id) ?? "");
        reader.Close();
        return rule;
    }

    private static string? Address(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var address) && IssuerMetadata.IsSafe(address) ? null : "must be an https address (http on this machine only).";
}
