using Gateway.Contracts.Configuration;
using Gateway.Edge.Accounts;
using Gateway.Tokens;

namespace Gateway.Edge.Callers;

/// <summary>The issuers of one configuration. They go with it, and with them every token they have let in: a change is in force at once.</summary>
internal sealed class JwtIssuers
{
    private readonly Dictionary<string, JwtIssuer> _byName = new(StringComparer.Ordinal);

    private JwtIssuers()
    {
    }

    /// <summary>No issuers: no token is let in.</summary>
    public static JwtIssuers None { get; } = new();

    public bool Any => _byName.Count > 0;

    public JwtIssuer? Find(string issuer) => _byName.GetValueOrDefault(issuer);

    /// <summary>The tokens that have been let in under this configuration.</summary>
    public KnownTokens Known { get; } = new();

    /// <summary>Builds the issuers of a snapshot.</summary>
    public static JwtIssuers Build(GatewaySnapshot snapshot, DerivedKeys keys, JwtKeyring keyring, List<string> errors)
    {
        var result = new JwtIssuers();
        foreach (var entry in snapshot.JwtIssuers)
        {
            if (Problem(entry, keys) is { } problem)
            {
                errors.Add($"JWT issuer '{entry.Id}': {problem}");
            }
            else if (entry.Enabled && !result._byName.TryAdd(entry.Issuer, new JwtIssuer(entry, keys, keyring.Of(entry.Issuer, entry.JwksUrl))))
            {
                errors.Add($"JWT issuer '{entry.Id}': another one has the same issuer.");
            }
        }

        return result;
    }

    /// <summary>Takes the keys of these issuers into use, and lets go of others.</summary>
    public void Use(JwtKeyring keyring) => keyring.Keep(_byName.Values.Select(static i => (i.Entry.Issuer, i.Entry.JwksUrl)));

    private static string? Problem(JwtIssuerEntry entry, DerivedKeys keys)
        => entry.Audiences.Count == 0 ? "it names no audience."
            : !IsAddress(entry.Issuer) ? "its issuer must be an https address (http on this machine only)."
            : entry.JwksUrl is { } jwks && !IsAddress(jwks) ? "its key address must be an https address (http on this machine only)."
            : entry.KeyId is null && entry.Keys.Count == 0 ? "it leads to no virtual key."
            : entry.Keys.Select(static k => k.KeyId).Append(entry.KeyId).OfType<string>().FirstOrDefault(k => !keys.Has(k)) is { } missing ? $"it names the key '{missing}', which does not exist."
            : null;

    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && IssuerMetadata.IsSafe(address);
}

/// <summary>An issuer that is in force.</summary>
internal sealed class JwtIssuer(JwtIssuerEntry entry, DerivedKeys derived, IssuerKeys keys)
{
    private const int MostIdChars = 128;
    private const int MostTags = 50;
    private const int MostTagChars = 64;

    private readonly JwtRules _rules = new()
    {
        Issuer = entry.Issuer,
        Audiences = entry.Audiences,
        ClockSkew = TimeSpan.FromSeconds(entry.ClockSkewSeconds),
        Claims = entry.RequiredClaims.GroupBy(static c => c.Claim, StringComparer.Ordinal).ToDictionary(static c => c.Key, IReadOnlyList<string> (c) => [.. c.SelectMany(static v => v.Values)], StringComparer.Ordinal),
    };

    public JwtIssuerEntry Entry { get; } = entry;

    public IssuerKeys Keys { get; } = keys;

    /// <summary>Checks a token.</summary>
    public JwtProblem Check(Jwt jwt, DateTimeOffset now) => _rules.Check(jwt, Keys.Current, now);

    /// <summary>The key of who sends a token that has been checked; null when his claims lead nowhere.</summary>
    public KeyRuntime? Admit(Jwt jwt)
    {
        var keyId = Entry.Keys.FirstOrDefault(rule => jwt.Texts(rule.Claim).Contains(rule.Value))?.KeyId ?? Entry.KeyId;
        string? team = null;
        if (Entry.TeamClaim is { } teamClaim)
        {
            team = jwt.Texts(teamClaim).Select(v => Entry.Teams.Count == 0 ? v : Entry.Teams.GetValueOrDefault(v)).FirstOrDefault(static t => t is not null);
            if (team is null)
            {
                return null;
            }
        }

        var customer = Entry.CustomerClaim is { } customerClaim && jwt.Texts(customerClaim) is [var named, ..] ? named : null;
        return keyId is null || jwt.Texts(Entry.UserClaim) is not [var user, ..] || !IsId(user) || (Entry.CustomerClaim is not null && customer is null)
            ? null
            : derived.Make(keyId, user, team, customer, Tags(jwt), DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(jwt.Seconds("exp")!.Value, int.MaxValue)) + _rules.ClockSkew, Entry.Issuer);
    }

    private List<string> Tags(Jwt jwt) => Entry.TagsClaim is not { } claim
        ? []
        : [.. jwt.Texts(claim).Where(static t => t.Length is > 0 and <= MostTagChars && t.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':' or '/')).Take(MostTags)];

    // Goes into records, where lists are separated by spaces.
    private static bool IsId(string user) => user.Length is > 0 and <= MostIdChars && user.All(static c => c is > ' ' and <= '~');
}
