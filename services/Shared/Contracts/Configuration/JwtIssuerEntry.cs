namespace Gateway.Contracts.Configuration;

/// <summary>An issuer of JWTs whose holders may call the model API, and which virtual key's policies they then have.</summary>
public sealed record JwtIssuerEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>False: its tokens are refused. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The <c>iss</c> of its tokens, to the letter; an https address (http on this machine only) that is unique over all issuers.</summary>
    public required string Issuer { get; init; }

    /// <summary>Audiences (<c>aud</c>) of which a token must name one. At least one.</summary>
    public IReadOnlyList<string> Audiences { get; set; } = [];

    /// <summary>Where its keys are; null: as its discovery document says.</summary>
    public string? JwksUrl { get; init; }

    /// <summary>How far its clock may be off, in seconds. Default 60; 0 to 600.</summary>
    public int ClockSkewSeconds { get; set; } = 60;

    /// <summary>Claims that a token must have, each with one of the values given; none given: any value.</summary>
    public IReadOnlyList<JwtClaim> RequiredClaims { get; set; } = [];

    /// <summary>The virtual key whose policies callers have whom no rule of <see cref="Keys"/> fits; null: they are refused.</summary>
    public string? KeyId { get; init; }

    /// <summary>Virtual keys by claim; the first that fits counts.</summary>
    public IReadOnlyList<JwtKeyRule> Keys { get; set; } = [];

    /// <summary>The claim that names the user. Default <c>sub</c>.</summary>
    public string UserClaim { get; set; } = "sub";

    /// <summary>The claim that names the team, by its id or as <see cref="Teams"/> says; null: callers have the key's team. With it, a token without a known team is refused.</summary>
    public string? TeamClaim { get; init; }

    /// <summary>Teams by value of <see cref="TeamClaim"/>; empty: the value is the team's id.</summary>
    public IReadOnlyDictionary<string, string> Teams { get; set; } = new Dictionary<string, string>();

    /// <summary>The claim that names the customer by its id; null: callers have the key's or team's customer.</summary>
    public string? CustomerClaim { get; init; }

    /// <summary>The claim whose values become tags of the request, besides those of the key; null: none do.</summary>
    public string? TagsClaim { get; init; }
}

/// <summary>A claim that must be there.</summary>
/// <param name="Claim">Its name; with dots also the way into objects.</param>
/// <param name="Values">Of these it must have one; empty: any.</param>
public sealed record JwtClaim(string Claim, IReadOnlyList<string> Values);

/// <summary>The virtual key that a claim leads to.</summary>
/// <param name="Claim">Its name; with dots also the way into objects.</param>
/// <param name="Value">The value it must have, or have among others.</param>
/// <param name="KeyId">The virtual key.</param>
public sealed record JwtKeyRule(string Claim, string Value, string KeyId);
