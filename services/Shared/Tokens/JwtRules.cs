namespace Gateway.Tokens;

/// <summary>What a token must be to be accepted.</summary>
public sealed record JwtRules
{
    /// <summary>The <c>iss</c> that is expected, to the letter.</summary>
    public required string Issuer { get; init; }

    /// <summary>Audiences of which the token must name one.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>Algorithms; default all of <see cref="SigningKey.Algorithms"/>. No others are ever accepted.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = SigningKey.Algorithms;

    /// <summary>How far the issuer's clock may be off. Default one minute.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Claims that must be there, each with the values of which it must have one; none: any value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether a token is accepted. The signature is checked before anything that it protects.</summary>
    public JwtProblem Check(Jwt jwt, JwkSet keys, DateTimeOffset now)
    {
        if (!Algorithms.Contains(jwt.Algorithm) || !SigningKey.Algorithms.Contains(jwt.Algorithm))
        {
            return JwtProblem.Algorithm;
        }

        if (!string.Equals(jwt.Issuer, Issuer, StringComparison.Ordinal))
        {
            return JwtProblem.Issuer;
        }

        var any = false;
        var signed = false;
        foreach (var key in keys.For(jwt))
        {
            any = true;
            if (key.Verify(jwt.Algorithm, jwt.Signed, jwt.Signature))
            {
                signed = true;
                break;
            }
        }

        return !any ? JwtProblem.UnknownKey : !signed ? JwtProblem.Signature : CheckClaims(jwt, now);
    }

    private JwtProblem CheckClaims(Jwt jwt, DateTimeOffset now)
    {
        var (seconds, skew) = (now.ToUnixTimeMilliseconds() / 1000d, ClockSkew.TotalSeconds);
        if (jwt.Seconds("exp") is not { } expires || seconds >= expires + skew)
        {
            return JwtProblem.Expired;
        }

        if ((jwt.Has("nbf") && !(jwt.Seconds("nbf") <= seconds + skew)) || (jwt.Has("iat") && !(jwt.Seconds("iat") <= seconds + skew)))
        {
            return JwtProblem.NotYet;
        }

        return !jwt.Texts("aud").Any(a => Audiences.Contains(a)) ? JwtProblem.Audience
            : Claims.All(c => jwt.Has(c.Key) && (c.Value.Count == 0 || jwt.Texts(c.Key).Any(v => c.Value.Contains(v)))) ? JwtProblem.None
            : JwtProblem.Claim;
    }
}
