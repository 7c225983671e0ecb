using System.Security.Cryptography;
using System.Text;
using Gateway.Governance.Storage;
using Gateway.Tokens;

namespace Gateway.Governance.Access.Login;

/// <summary>The issuer that people and programs log in with, from configuration (<c>Gateway:Oidc:*</c>).</summary>
internal sealed record OidcOptions
{
    private const string Section = "Gateway:Oidc:";

    public required string Issuer { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Null for a public client, which PKCE alone protects.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The audience of tokens that programs send as bearer tokens; null: none are taken.</summary>
    public string? ApiAudience { get; init; }

    public string Scopes { get; init; } = "openid profile email";

    public string RoleClaim { get; init; } = "groups";

    /// <summary>Roles by value of the claim. The strongest counts.</summary>
    public IReadOnlyDictionary<string, Role> Roles { get; init; } = new Dictionary<string, Role>();

    public string? TeamClaim { get; init; }

    public string? CustomerClaim { get; init; }

    /// <summary>Team ids by value of the claim; empty: the value is the id.</summary>
    public IReadOnlyDictionary<string, string> Teams { get; init; } = new Dictionary<string, string>();

    /// <summary>How browsers are dealt with.</summary>
    public required BrowserOptions Browser { get; init; }

    public Uri PublicUrl => Browser.PublicUrl;

    public TimeSpan SessionLife => Browser.SessionLife;

    public TimeSpan IdleLife => Browser.IdleLife;

    public string RedirectUri => PublicUrl.GetLeftPart(UriPartial.Authority) + "/api/auth/callback";

    /// <summary>Changes with every rule that gives roles: a session that was made under others does not count any more.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\n',
        [Issuer, ClientId, RoleClaim, TeamClaim ?? "", CustomerClaim ?? "", .. Roles.Select(r => $"{r.Key}={r.Value}").Order(StringComparer.Ordinal), .. Teams.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal)]))))[..16];

    /// <summary>The options, or null when no issuer is configured.</summary>
    /// <exception cref="StartupException">A value is not legal.</exception>
    public static OidcOptions? From(IConfiguration configuration)
    {
        if (configuration[Section + "Issuer"] is not { Length: > 0 } issuer)
        {
            return null;
        }

        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var address) || !IssuerMetadata.IsSafe(address))
        {
            throw new StartupException($"{Section}Issuer is '{issuer}'; it must be an https address (http on this machine only).");
        }

        return new OidcOptions
        {
            Issuer = issuer,
            ClientId = configuration[Section + "ClientId"] is { Length: > 0 } client ? client : throw new StartupException($"{Section}ClientId is needed with {Section}Issuer."),
            ClientSecret = configuration[Section + "ClientSecret"] is { Length: > 0 } secret ? secret : null,
            ApiAudience = configuration[Section + "ApiAudience"] is { Length: > 0 } audience ? audience : null,
            Scopes = configuration[Section + "Scopes"] is { Length: > 0 } scopes ? scopes : "openid profile email",
            RoleClaim = configuration[Section + "RoleClaim"] is { Length: > 0 } claim ? claim : "groups",
            Roles = Pairs(configuration, "Roles").ToDictionary(
                p => p.Key,
                p => Access.Roles.TryParse(p.Value, out var role) ? role : throw new StartupException($"{Section}Roles names the role '{p.Value}'; legal are {string.Join(", ", Access.Roles.Names)}."),
                StringComparer.Ordinal),
            TeamClaim = configuration[Section + "TeamClaim"] is { Length: > 0 } team ? team : null,
            CustomerClaim = configuration[Section + "CustomerClaim"] is { Length: > 0 } customer ? customer : null,
            Teams = Pairs(configuration, "Teams").ToDictionary(StringComparer.Ordinal),
            Browser = BrowserOptions.From(configuration),
        };
    }

    /// <summary>Who holds a token that has been checked; null when no rule gives him a role.</summary>
    public Actor? ActorOf(Jwt jwt)
    {
        var roles = jwt.Texts(RoleClaim).Select(v => Roles.GetValueOrDefault(v)).Where(r => r != Role.None).ToList();
        if (roles.Count == 0 || jwt.Text("sub") is not { Length: > 0 and <= 256 } subject)
        {
            return null;
        }

        var role = roles.Min();
        var teams = TeamClaim is null ? [] : jwt.Texts(TeamClaim).Select(v => Teams.Count == 0 ? v : Teams.GetValueOrDefault(v)).OfType<string>().Where(IsId).Distinct().ToList();
        var customers = CustomerClaim is null ? [] : jwt.Texts(CustomerClaim).Where(IsId).Distinct().ToList();
        return role.IsScoped() && teams.Count + customers.Count == 0 ? null : new Actor
        {
            Id = $"oidc:{subject}",
            Name = Shown(jwt.Text("name") ?? jwt.Text("preferred_username") ?? jwt.Text("email") ?? subject),
            Role = role,
            TeamIds = role.IsScoped() ? teams : [],
            CustomerIds = role.IsScoped() ? customers : [],
        };
    }

    private static string Shown(string name) => new([.. name.Where(c => !char.IsControl(c)).Take(200)]);

    private static bool IsId(string id) => Api.Formats.Id(id) is null && id.Length <= Api.Formats.IdLength;

    private static IEnumerable<KeyValuePair<string, string>> Pairs(IConfiguration configuration, string name)
        => (configuration[Section + name] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(pair =>
            pair.LastIndexOf('=') is > 0 and var at ? KeyValuePair.Create(pair[..at].Trim(), pair[(at + 1)..].Trim())
                : throw new StartupException($"{Section}{name} must be pairs such as 'platform=owner; finance=viewer'."));
}
