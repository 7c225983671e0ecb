namespace Gateway.Tokens;

/// <summary>Why a token is not accepted.</summary>
public enum JwtProblem
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>It is no JWT in compact form, or one that cannot be read.</summary>
    Malformed,

    /// <summary>Its algorithm is none, symmetric, or not one that is allowed.</summary>
    Algorithm,

    /// <summary>It is of another issuer.</summary>
    Issuer,

    /// <summary>The issuer has no such key, as far as is known.</summary>
    UnknownKey,

    /// <summary>The signature does not fit.</summary>
    Signature,

    /// <summary>It is for somebody else.</summary>
    Audience,

    /// <summary>It has no end, or an end that has passed.</summary>
    Expired,

    /// <summary>It is not valid yet.</summary>
    NotYet,

    /// <summary>A claim that has to be there is not, or has another value.</summary>
    Claim,
}

/// <summary>What may be said of a <see cref="JwtProblem"/> to who sent the token.</summary>
public static class JwtProblems
{
    /// <summary>A sentence that tells no secret.</summary>
    public static string Say(this JwtProblem problem) => problem switch
    {
        JwtProblem.None => "The token is valid.",
        JwtProblem.Malformed => "The token is not a signed JWT in compact form.",
        JwtProblem.Algorithm => "The token's signature algorithm is not accepted; RS, PS and ES algorithms are.",
        JwtProblem.Issuer => "The token's issuer is not known to this gateway.",
        JwtProblem.UnknownKey => "The token is signed with a key that its issuer is not known to have.",
        JwtProblem.Signature => "The token's signature is wrong.",
        JwtProblem.Audience => "The token is for another audience.",
        JwtProblem.Expired => "The token has expired; get a new one.",
        JwtProblem.NotYet => "The token is not valid yet.",
        _ => "The token lacks a claim that is required here.",
    };
}
