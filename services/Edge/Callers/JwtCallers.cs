using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Runtime;
using Gateway.Tokens;

namespace Gateway.Edge.Callers;

/// <summary>Identifies callers by a JWT of an issuer that the configuration names. Makes no call: the issuers' keys are fetched in the background.</summary>
internal sealed class JwtCallers(RuntimeState state, TimeProvider time)
{
    /// <summary>True for what can only be a JWT.</summary>
    public static bool IsToken(ReadOnlySpan<char> credential) => Jwt.HasShape(credential);

    /// <summary>Finds the caller's key, with his own place among the accounts.</summary>
    public Failure? Find(GatewayModel model, ReadOnlySpan<char> token, out KeyRuntime? key)
    {
        key = null;
        if (!model.JwtIssuers.Any)
        {
            return Refused("This gateway takes no tokens (JWT). Send a virtual key instead.");
        }

        var now = time.GetUtcNow();
        if (token.Length > Jwt.MostChars || !KeyHash.TryComputeLong(token, out var hash))
        {
            return Refused(JwtProblem.Malformed.Say());
        }

        if (model.JwtIssuers.Known.Find(hash, now) is { } known)
        {
            key = known;
            return null;
        }

        if (!Jwt.TryRead(token, out var jwt))
        {
            return Refused(JwtProblem.Malformed.Say());
        }

        if (model.JwtIssuers.Find(jwt.Issuer) is not { } issuer)
        {
            return Refused(JwtProblem.Issuer.Say());
        }

        var problem = issuer.Check(jwt, now);
        if (problem == JwtProblem.UnknownKey)
        {
            return UnknownKey(issuer);
        }

        if (problem != JwtProblem.None)
        {
            return problem == JwtProblem.Expired ? new Failure(GatewayError.KeyExpired, Step.Identify, problem.Say()) : Refused(problem.Say());
        }

        if (issuer.Admit(jwt) is not { } made)
        {
            return Refused("The token is valid, but its claims lead to no account of this gateway. Ask whoever runs it which groups or teams are let in.");
        }

        model.JwtIssuers.Known.Add(hash, made, now);
        key = made;
        return null;
    }

    private Failure UnknownKey(JwtIssuer issuer)
    {
        if (issuer.Keys.Current.Count == 0)
        {
            return new Failure(GatewayError.NotReady, Step.Identify, "The gateway does not have the keys of the token's issuer yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        // The issuer may have a new key: it is asked in the background, a few times at most however many such tokens come.
        if (issuer.Keys.Ask())
        {
            state.Jwt.Wake();
        }

        return Refused($"{JwtProblem.UnknownKey.Say()} If the key is new, try again in a moment.");
    }

    private static Failure Refused(string reason) => new(GatewayError.KeyInvalid, Step.Identify, reason);
}
