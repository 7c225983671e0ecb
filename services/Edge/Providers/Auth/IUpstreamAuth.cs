using Gateway.CloudAuth;

namespace Gateway.Edge.Providers.Auth;

/// <summary>Puts a credential on requests. Shared by all requests of the deployments that use the credential, and kept over changes of configuration.</summary>
internal interface IUpstreamAuth
{
    /// <summary>True when the body is part of what is signed.</summary>
    bool SignsBody { get; }

    /// <summary>Adds the credential to a request that is otherwise complete.</summary>
    /// <exception cref="ProviderAuthException">The credential cannot be had.</exception>
    ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken);
}

/// <summary>No credential.</summary>
internal sealed class NoAuth : IUpstreamAuth
{
    public static readonly NoAuth Instance = new();

    public bool SignsBody => false;

    public ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

/// <summary>A secret that goes into a header as it is.</summary>
internal sealed class HeaderAuth(string header, string value) : IUpstreamAuth
{
    public bool SignsBody => false;

    public static HeaderAuth Bearer(string secret) => new("Authorization", "Bearer " + secret);

    public ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation(header, value);
        return ValueTask.CompletedTask;
    }
}
