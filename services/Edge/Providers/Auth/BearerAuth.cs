using Gateway.CloudAuth;

namespace Gateway.Edge.Providers.Auth;

/// <summary>Puts a fetched token into <c>Authorization: Bearer</c>.</summary>
internal sealed class BearerAuth(TokenCache<string> tokens) : IUpstreamAuth
{
    public bool SignsBody => false;

    public async ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
    }
}
