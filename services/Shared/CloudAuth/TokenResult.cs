namespace Gateway.CloudAuth;

/// <summary>A credential that was fetched, or why it could not be.</summary>
/// <typeparam name="T">What the credential is.</typeparam>
internal readonly record struct TokenResult<T>
    where T : class
{
    private TokenResult(T? value, DateTimeOffset expires, string problem, bool credentialFault) =>
        (Value, Expires, Problem, CredentialFault) = (value, expires, problem, credentialFault);

    /// <summary>The credential, or null when there is a problem.</summary>
    public T? Value { get; }

    /// <summary>When it stops working; <see cref="DateTimeOffset.MaxValue"/> for never.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>What is wrong, without any secret.</summary>
    public string Problem { get; }

    /// <summary>True when the credential itself was refused or cannot be read, so that only a change of it can help.</summary>
    public bool CredentialFault { get; }

    /// <summary>A credential that was fetched.</summary>
    public static TokenResult<T> Of(T value, DateTimeOffset expires) => new(value, expires, "", false);

    /// <summary>The source of the credential does not answer as it should.</summary>
    public static TokenResult<T> Unavailable(string problem) => new(null, default, problem, false);

    /// <summary>The credential itself is wrong.</summary>
    public static TokenResult<T> Refused(string problem) => new(null, default, problem, true);

    /// <summary>The same problem for another kind of credential.</summary>
    public TokenResult<TOther> ProblemAs<TOther>()
        where TOther : class => CredentialFault ? TokenResult<TOther>.Refused(Problem) : TokenResult<TOther>.Unavailable(Problem);
}
